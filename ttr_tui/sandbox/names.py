"""Names as the world writes them, with the Latin letters of their addresses.

Each entry is `written:latin` or, where both are alike but for case, only `written`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Culture:
    """Given names and surnames of one language, and which of the two is written first."""

    language: str
    country: str
    given: tuple[tuple[str, str], ...]
    surnames: tuple[tuple[str, str], ...]
    surname_first: bool = False


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (written, latin or written.lower())
        for written, _, latin in (entry.partition(":") for entry in text.split())
    )


def _culture(place: str, given: str, surnames: str, *, surname_first: bool = False) -> Culture:
    return Culture(place, place[-2:], _pairs(given), _pairs(surnames), surname_first)


CULTURES = (
    _culture(
        "de-DE",
        "Anna Jürgen:juergen Stefan Käthe:kaethe Günther:guenther "
        "Sabine Björn:bjoern Monika Heike "
        "Uwe Ute Torsten Annika Matthias Petra Klaus Birgit Ralf Anke Dieter",
        "Müller:mueller Schmidt Weiß:weiss Groß:gross Schröder:schroeder Köhler:koehler Becker "
        "Hoffmann Krüger:krueger Jäger:jaeger Wolff Lehmann Vogel Böhm:boehm Kühn:kuehn Sommer",
    ),
    _culture(
        "en-GB",
        "Olivia Oliver Amelia George Harriet Alfie Imogen Callum Rosie Nigel Fiona Gareth Bronwen "
        "Hamish Poppy Alistair Gemma Rhys Tamsin Duncan",
        "Smith Jones Taylor O'Brien:obrien Wright Thompson Fitzgerald Ashworth Blackwood MacLeod "
        "Llewellyn Featherstone St.John:stjohn Hughes Okafor Patel",
    ),
    _culture(
        "en-US",
        "James Mary Tyler Ashley Marcus Brittany DeShawn:deshawn "
        "Kayla Hunter Madison Jayden Tiffany "
        "Logan Savannah Cody Brooke Malik Jasmine Travis Heather",
        "Johnson Williams Brown Davis Miller Wilson Anderson Jackson Washington Martinez Robinson "
        "Clark Rodriguez Lewis Walker Nguyen",
    ),
    _culture(
        "fr-FR",
        "Zoé:zoe François:francois Chloé:chloe Jérôme:jerome Hélène:helene Benoît:benoit "
        "Margaux Aurélie:aurelie Théo:theo Gaëlle:gaelle Loïc:loic Océane:oceane Rémi:remi Maëlys:"
        "maelys Noël:noel Amélie:amelie",
        "Lefèvre:lefevre Dubois Moreau Girard Bonnet Mercier Garçon:garcon Chevalier Besançon:"
        "besancon D'Alembert:dalembert Noël:noel Lemaître:lemaitre Forêt:foret Petit Roux Faure",
    ),
    _culture(
        "es-MX",
        "José:jose María:maria Íñigo:inigo Begoña:begona Ángel:angel Lucía:lucia Andrés:andres "
        "Concepción:concepcion Raúl:raul Inés:ines Martín:martin "
        "Sofía:sofia Óscar:oscar Rocío:rocio",
        "García:garcia Núñez:nunez Peña:pena Muñoz:munoz "
        "Hernández:hernandez Ibáñez:ibanez Vázquez:"
        "vazquez Rodríguez:rodriguez Ordóñez:ordonez Castaño:castano "
        "Sáenz:saenz Domínguez:dominguez",
    ),
    _culture(
        "pl-PL",
        "Łukasz:lukasz Małgorzata:malgorzata Paweł:pawel Grażyna:grazyna Świętosława:swietoslawa "
        "Michał:michal Agnieszka Zbigniew Jędrzej:jedrzej Bożena:bozena Wojciech Żaneta:zaneta",
        "Wiśniewski:wisniewski Żółkiewska:zolkiewska Wójcik:wojcik Szczęsny:szczesny Dąbrowska:"
        "dabrowska Łęcki:lecki Gołąb:golab "
        "Brzęczyszczykiewicz:brzeczyszczykiewicz Śliwa:sliwa Zając:"
        "zajac Kołodziej:kolodziej Ćwik:cwik",
    ),
    _culture(
        "da-DK",
        "Søren:soeren Bjørn:bjoern Åse:aase Kåre:kaare Mærsk:maersk Jørgen:joergen Astrid Øyvind:"
        "oeyvind Sigrún:sigrun Þór:thor Guðrún:gudrun Lærke:laerke",
        "Sørensen:soerensen Østergård:oestergaard Kjær:kjaer Åkesson:aakesson Bang-Nielsen Møller:"
        "moeller Ægisdóttir:aegisdottir Jónsson:jonsson Lindström:lindstrom Håkansson:hakansson",
    ),
    _culture(
        "tr-TR",
        "İbrahim:ibrahim Ayşe:ayse Çağlar:caglar Gülşen:gulsen Işıl:isil Oğuz:oguz Şükrü:sukru "
        "Özge:ozge Tuğçe:tugce Ümit:umit",
        "Yılmaz:yilmaz Öztürk:ozturk Çelik:celik Şahin:sahin Koç:koc Güneş:gunes Doğan:dogan "
        "Kılıç:kilic Aydın:aydin Yıldırım:yildirim",
    ),
    _culture(
        "cs-CZ",
        "Jiří:jiri Kateřina:katerina Ondřej:ondrej Žofie:zofie "
        "Šárka:sarka Lubomír:lubomir Ľudmila:"
        "ludmila Ștefan:stefan Ágnes:agnes Zsófia:zsofia",
        "Dvořák:dvorak Růžičková:ruzickova Černý:cerny Řehoř:rehor Němcová:nemcova Szőke:szoke "
        "Kőszegi:koszegi Țepeș:tepes Novák:novak Šťastný:stastny",
    ),
    _culture(
        "ru-RU",
        "Анна:anna Дмитрий:dmitry Екатерина:ekaterina Сергей:sergey Наталья:natalya Юрий:yuri "
        "Любовь:lyubov Фёдор:fyodor Олександр:oleksandr Їва:yiva",
        "Иванова:ivanova Петров:petrov Щербаков:shcherbakov "
        "Кузнецова:kuznetsova Шевченко:shevchenko "
        "Жуков:zhukov Соловьёва:solovyova Чайковский:tchaikovsky "
        "Цветкова:tsvetkova Ющенко:yushchenko",
    ),
    _culture(
        "el-GR",
        "Γιώργος:giorgos Ελένη:eleni Κωνσταντίνος:konstantinos Δήμητρα:dimitra Νίκος:nikos "
        "Αικατερίνη:aikaterini Ξένια:xenia Ψυχή:psychi",
        "Παπαδόπουλος:papadopoulos Νικολάου:nikolaou Ιωαννίδης:ioannidis Οικονόμου:oikonomou "
        "Βασιλείου:vasileiou Καραγιάννης:karagiannis Θεοδωρίδου:theodoridou Χατζής:chatzis",
    ),
    _culture(
        "ja-JP",
        "太郎:taro 花子:hanako 健一:kenichi 美咲:misaki 大輔:daisuke "
        "陽子:yoko さくら:sakura 翔太:shota",
        "佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 伊藤:ito 山本:yamamoto "
        "小林:kobayashi 齋藤:saito 髙島:takashima",
        surname_first=True,
    ),
    _culture(
        "zh-CN",
        "伟:wei 秀英:xiuying 娜:na 强:qiang 敏:min 静:jing 建国:jianguo 晓明:xiaoming",
        "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 欧阳:ouyang 司马:sima",
        surname_first=True,
    ),
    _culture(
        "ko-KR",
        "민수:minsu 지은:jieun 서준:seojun 하은:haeun 영희:younghee 철수:cheolsu",
        "김:kim 이:lee 박:park 최:choi 정:jung 강:kang 황보:hwangbo",
        surname_first=True,
    ),
    _culture(
        "ar-EG",
        "محمد:mohamed فاطمة:fatima أحمد:ahmed عائشة:aisha يوسف:youssef ليلى:layla خالد:khaled",
        "الحسن:alhassan العلي:alali النجار:alnajjar المصري:almasri الخطيب:alkhatib حداد:haddad",
    ),
    _culture(
        "he-IL",
        "דוד:david שרה:sara יעל:yael אבי:avi נועה:noa משה:moshe",
        "כהן:cohen לוי:levi מזרחי:mizrahi פרץ:peretz ביטון:biton אברהם:avraham",
    ),
    _culture(
        "hi-IN",
        "प्रिया:priya अर्जुन:arjun लक्ष्मी:lakshmi राहुल:rahul सुनीता:sunita "
        "தமிழ்செல்வி:tamilselvi কৌশিক:kaushik",
        "शर्मा:sharma सिंह:singh गुप्ता:gupta अय्यर:iyer "
        "चट्टोपाध्याय:chattopadhyay முருகன்:murugan সেন:sen",
    ),
    _culture(
        "th-TH",
        "สมชาย:somchai สุดา:suda นิรันดร์:niran กมลวรรณ:kamonwan ปิยะ:piya",
        "ศรีสุวรรณ:srisuwan วงศ์ไทย:wongthai จันทร์เพ็ญ:chanpen บุญมี:bunmi",
    ),
    _culture(
        "vi-VN",
        "Thị:thi Đức:duc Hương:huong Tuấn:tuan Ngọc:ngoc Quỳnh:quynh Phương:phuong",
        "Nguyễn:nguyen Trần:tran Phạm:pham Đặng:dang Vũ:vu Bùi:bui Hồ:ho",
        surname_first=True,
    ),
    _culture(
        "yo-NG",
        "Adébáyọ̀:adebayo Ọlúfẹ́mi:olufemi Ngozi Chịdị:chidi Wanjirũ:wanjiru Thandiwe Sipho Yetunde",
        "Adéyẹmí:adeyemi Ọ̀ṣọ́bà:osoba Okonkwo Nwáchukwu:nwachukwu Dlamini Mbeki Kamau Abiọ́lá:abiola",
    ),
)

DEPARTMENTS = (
    *("Sales", "Customer Service", "Support", "Finance", "Logistics", "Human Resources", "IT"),
    *("Marketing", "Legal", "Purchasing", "Research & Development", "Qualitätssicherung"),
    *("Ventes", "Обслуживание клиентов", "営業部", "Facilities"),
)

TITLES = (
    *("Account Manager", "Sales Representative", "Support Agent", "Team Lead", "Controller"),
    *("Head of Department", "Software Engineer", "Clerk", "Consultant", "Trainee", "Buyer"),
    *("Sachbearbeiterin", "Directrice régionale", "Technician", "Analyst", "Assistant"),
)

OFFICES = ("Berlin", "London", "Cape Town", "Kraków", "Lyon", "東京", "Austin", "São Paulo")

SHARED = (
    *("Support", "Info", "Sales", "Accounts Payable", "Reception", "Orders", "Complaints", "HR"),
    *("Service Desk", "Bewerbung", "Comptabilité", "Returns", "Press", "Warranty", "Tenders"),
)

ROOMS = ("Room", "Besprechung", "Salle", "Boardroom", "Studio")

MACHINES = ("svc-backup", "svc-scanner", "sync", "printer", "sap-batch", "monitoring", "test")

CURIOUS = (
    "Rob [bold red]Tables[/]",
    "Eve <script>alert(1)</script>",
    "Mallory \u202egnp.exe",
    "Esc \x1b[31mRed\x1b[0m \x1b]0;owned\x07",
    '=HYPERLINK("https://elsewhere.example","Click")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Line\nBreak\r\nPerson\tTab",
    "Fam 👩‍👩‍👧‍👦 Emoji 🇿🇦",
    "Z̷͙̎a̶̻͝l̴̢̛g̵͈̈o̷̤̊ Person",
    "Long " + "Maximilian-" * 22 + "Ende",
    "Zero\u200bWidth\u2066Isolate\u2069",
    "Percent %s {braces} \\back\\slash 'quote\" &amp;",
)
"""Display names that try a program out; only in a directory that asks for them."""
