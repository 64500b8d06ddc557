"""What people read: harmless, cut to cells, counted and dated in words."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ttr_tui import text

NOW = datetime(2026, 11, 23, 14, 52, 7, tzinfo=UTC)
ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)
WORLDLY = st.text(alphabet="aZ é漢字한글ไทยहिन्दी👩‍💻🇩🇪\u0301عربي", max_size=40)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "<1b>[31mred"),
        ("two\nlines\r\ttab", "two<0a>lines<0d><09>tab"),
        ("\x00\x7f\x9b", "<00><7f><9b>"),
        ("safe\u202egnp.exe", "safe<U+202E>gnp.exe"),
        ("\u2066a\u2069\u200f", "<U+2066>a<U+2069><U+200F>"),
        ("a\u2028b\ufeff\u200b", "a<U+2028>b<U+FEFF><U+200B>"),
        ("\ud800", "<U+D800>"),
        ("a\u00a0b", "a b"),
        ("\U000e0041", "<U+E0041>"),
        ("[b]markup[/b]", "[b]markup[/b]"),
        (None, ""),
        (404, "404"),
    ],
)
def test_what_came_from_outside_is_made_visible(raw: object, shown: str) -> None:
    """Controls, bidi controls and invisible characters are shown, not obeyed."""
    assert text.clean(raw) == shown


@pytest.mark.parametrize("name", ["نیم‌فاصله", "हिन्दी", "👩‍💻", "Łukasz Żółć", "李 小龍", "ŞİMŞEK"])
def test_names_of_every_script_stay_as_they_are(name: str) -> None:
    """Joiners are part of how Persian, Hindi and emoji are written."""
    assert text.clean(name) == name


@given(ANY_TEXT)
def test_cleaned_text_holds_nothing_invisible_and_is_stable(raw: str) -> None:
    """Whatever comes in, no control character is left, and cleaning twice changes nothing."""
    shown = text.clean(raw)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [c for c in shown if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLI", "PDF")]
    assert text.clean(shown) == shown
    shown.encode()


@given(ANY_TEXT, st.integers(1, 20))
def test_a_limit_is_kept_in_characters(raw: str, limit: int) -> None:
    """A limited text is never longer, and says with its last character that it was cut."""
    whole, cut = text.clean(raw), text.clean(raw, limit)
    assert len(cut) <= limit
    assert cut == whole or cut.endswith("~")


def test_width_is_counted_in_cells() -> None:
    """A Chinese character takes two cells, a combining accent none."""
    assert text.cells("abc") == 3
    assert text.cells("漢字") == 4
    assert text.cells("e\u0301") == 1
    assert text.cells("👩‍💻") == 2


@given(WORLDLY, st.integers(0, 30))
@example("\u200d\u200d字", 1)
def test_cuts_never_exceed_their_width(shown: str, width: int) -> None:
    """Every cut fits, and what fits already is left alone."""
    for cut in (text.cut_right, text.cut_middle, text.cut_address):
        result = cut(shown, width)
        assert text.cells(result) <= width
        if text.cells(shown) <= width:
            assert result == shown
        elif width:
            assert "~" in result


def test_names_are_cut_in_the_middle_and_departments_at_the_right() -> None:
    """Names keep both ends, titles their beginning."""
    assert text.cut_middle("Norbert Alexander Lindenbaum", 21) == "Norbert Al~Lindenbaum"
    assert text.cut_right("Service Desk EMEA", 12) == "Service Des~"


def test_an_address_keeps_its_local_part_while_that_fits() -> None:
    """The domain gives way first; a long local part is cut in its middle."""
    address = "n.alexandrowitsch@contoso.com"
    assert text.cut_address(address, 27) == "n.alexandrowitsch@contoso.~"
    assert text.cut_address(address, 11) == "n.ale~o.com"


def test_a_cut_never_parts_a_letter_from_its_accent() -> None:
    """The mark stays with its letter on either side of a cut."""
    assert text.cut_right("e\u0301e\u0301e\u0301", 2) == "e\u0301~"
    assert text.cut_middle("e\u0301e\u0301e\u0301e\u0301", 3) == "e\u0301~e\u0301"
    assert text.cut_right("漢字漢", 4) == "漢~"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Łukasz Żółć", "lukasz zolc"),
        ("Søren Ærø", "soren aero"),
        ("Đorđe Straße", "dorde strasse"),
        ("IŞIK ışık İZMİR", "isik isik izmir"),
        ("Ångström", "angstrom"),
        ("ΟΔΥΣΣΕΎΣ", "οδυσσευσ"),
        ("ﬁrma Ｌｔｄ", "firma ltd"),
        ("한글", "한글"),
        ("ガ", "ガ"),
        ("Müller ÇELİK Ğ ş", "muller celik g s"),
        ("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
        ("Ｍüｌｌｅｒ ２", "muller 2"),
        ("Əliyev Ɓello Ƙano", "eliyev bello kano"),
        ("O’Neil Oʼneil Smith‐Jones", "o'neil o'neil smith-jones"),
        ("Ёлкин Йод", "елкин иод"),
        ("أحمد آدم", "احمد ادم"),
        ("王小明 さくら 김민준", "王小明 さくら 김민준"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_folding_removes_case_and_accents_and_keeps_letters(written: str, folded: str) -> None:
    """What a person types without accents finds the name that has them."""
    assert text.fold(written) == folded


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(written: str) -> None:
    """A folded text is its own fold, so that stored and typed forms meet."""
    once = text.fold(written)
    assert text.fold(once) == once


@given(ANY_TEXT)
def test_composed_and_decomposed_spellings_fold_alike(written: str) -> None:
    """macOS and Windows write the same accent differently."""
    assert text.fold(unicodedata.normalize("NFD", written)) == text.fold(
        unicodedata.normalize("NFC", written)
    )


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "agent", "no agents"),
        (1, "agent", "1 agent"),
        (1204, "agent", "1,204 agents"),
        (2, "company", "2 companies"),
        (2, "day", "2 days"),
        (3, "mailbox", "3 mailboxes"),
        (2, "child", "2 children"),
    ],
)
def test_plurals_are_written_out(count: int, noun: str, said: str) -> None:
    """Nobody reads `agent(s)`."""
    assert text.plural(count, noun) == said


def test_ages_have_one_unit_and_then_a_date() -> None:
    """Over 99 days only the date tells anything."""
    ages = [45, 60 * 12, 3600 * 3 + 5, 86400 * 5, 86400 * 99 + 3]
    said = [text.ago(NOW - timedelta(seconds=age), NOW) for age in ages]
    assert said == ["45 s", "12 min", "3 h", "5 d", "99 d"]
    assert text.ago(NOW - timedelta(days=100), NOW) == "2026-08-15"
    assert text.until(NOW + timedelta(days=18), NOW) == "18 d"
    assert text.until(NOW + timedelta(days=89, hours=23), NOW) == "90 d"
    assert text.until(NOW + timedelta(hours=30), NOW) == "1 d"
    assert text.until(NOW + timedelta(days=400), NOW).startswith("2027-12-2")
    assert text.ago(NOW + timedelta(seconds=5), NOW) == "0 s"


def test_times_are_local_here_and_utc_for_others() -> None:
    """The screen speaks local time; what is sent carries a Z."""
    assert text.stamp_z(NOW) == "2026-11-23 14:52:07Z"
    assert text.stamp(NOW) == NOW.astimezone().strftime("%Y-%m-%d %H:%M")
    assert text.stamp(NOW, seconds=True).endswith(":07")


@pytest.mark.parametrize("quote", ["'", *"\u2018\u2019\u201a\u201b"])
def test_no_word_for_powershell_ends_before_its_end(quote: str) -> None:
    """Every character that ends a quoted string there stands twice inside of it; no line ends."""
    word = text.powershell_word(f"dana{quote}; Remove-Mailbox x{quote}{quote}\n|$(y)")
    assert word[0] == word[-1] == "'"
    assert word[1:-1].replace(quote * 2, "") == "dana; Remove-Mailbox x<0a>|$(y)"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_ends_of_all_time_are_stamped_in_any_zone(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate without an end has the last second there is; no date is the first one."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        assert {text.stamp(last)[:10], text.stamp_z(last)[:10]} == {"9999-12-31"}
        assert text.stamp_z(first)[-15:] == "01-01 00:00:00Z"
        assert text.stamp(first)
        assert text.until(last, NOW) == "9999-12-31"
    finally:
        monkeypatch.undo()
        time.tzset()


@given(ANY_TEXT)
def test_no_cell_starts_a_formula(raw: str) -> None:
    """A display name cannot become a spreadsheet's command."""
    cell = text.csv_cell(raw)
    assert cell.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    assert "\t" not in cell
    assert "\r" not in cell


def test_a_formula_is_kept_readable() -> None:
    """The neutralised cell still says what the name was."""
    assert text.csv_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert text.csv_cell(" +1") == "' +1"
    assert text.csv_cell("\t=1") == "'<09>=1"
    assert text.csv_cell("Anna") == "Anna"


def test_ascii_text_costs_no_import_of_the_width_tables() -> None:
    """A command that prints ASCII starts without them."""
    code = (
        "import sys; from ttr_tui import text; text.cut_right('abc', 2); "
        "print('rich' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
