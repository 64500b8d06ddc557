"""A file of addresses is read whatever program wrote it; what names nobody is listed."""

from __future__ import annotations

import codecs
import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttr_tui.address_file import LARGEST, AddressFile, read_addresses
from ttr_tui.errors import AddressFileUnusable

ID = "0b0b0b0b-0000-4000-8000-00000000000A"
TABLE = (
    "Name;E-Mail;Abteilung\nHuber, Max;m.huber@contoso.com;Bad Tölz\nŁ. Żak;l.zak@contoso.com;\n"
)
TWO = ["m.huber@contoso.com", "l.zak@contoso.com"]


def found(file: AddressFile) -> list[str]:
    return [entry.address for entry in file.entries]


def read(text: str) -> AddressFile:
    return read_addresses(text.encode())


@pytest.mark.parametrize(
    ("contents", "encoding"),
    [
        (TABLE.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TABLE.encode(), "UTF-8"),
        (codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "UTF-16"),
        (TABLE.encode("utf-16-le"), "UTF-16"),
        (TABLE.encode("utf-16-be"), "UTF-16"),
        (codecs.BOM_UTF32_LE + TABLE.encode("utf-32-le"), "UTF-32"),
        (TABLE.replace("Ł. Ż", "S").encode("cp1252"), "Windows-1252"),
    ],
)
def test_every_encoding_a_spreadsheet_writes_is_read(contents: bytes, encoding: str) -> None:
    """With its mark and without; only Windows-1252 is a guess, and said to be one."""
    file = read_addresses(contents)
    assert found(file) == TWO
    assert (file.encoding, file.guessed) == (encoding, encoding == "Windows-1252")
    assert file.column == "E-Mail"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_every_separator_and_line_end_is_told(separator: str, line_end: str) -> None:
    """Also a cell that has the other separators in it; lines are counted from 1."""
    rows = [
        ["Name", "UPN"],
        ["Huber, M; Sales", "m@contoso.com"],
        ["", ""],
        ["Żak", "l@contoso.com"],
    ]
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator=line_end).writerows(rows)
    file = read(written.getvalue())
    assert [(e.line, e.address) for e in file.entries] == [
        (2, "m@contoso.com"),
        (4, "l@contoso.com"),
    ]
    assert (file.column, file.twice, file.unusable) == ("UPN", (), ())


@pytest.mark.parametrize(
    ("text", "column", "addresses"),
    [
        ("displayName,mail,userPrincipalName\nM,m@x.com,m@y.com\nL,l@x.com,\n", "userPrincipalName",
         ["m@y.com", "l@x.com"]),
        ("Display name,PRIMARY_SMTP address\nM,m@x.com\n", "PRIMARY_SMTP address", ["m@x.com"]),
        ("Id,Name\n" + ID + ",M\n", "Id", [ID]),
        ("Id,Work e-mail\n17,m@x.com\n", "Work e-mail", ["m@x.com"]),
        ("Address,City,Contact\n1 High St,London,m@x.com\n", "Contact", ["m@x.com"]),
        ("Kunde,Wer\nContoso,m@x.com\n", "Wer", ["m@x.com"]),
        ("M,m@x.com,boss@x.com\nL,l@x.com,boss@x.com\n", "column 2", ["m@x.com", "l@x.com"]),
        ("sep=,\nM,m@x.com\n", "column 2", ["m@x.com"]),
        ("m@x.com,l@x.com\nk@x.com\n", "", ["m@x.com", "l@x.com", "k@x.com"]),
        ("m@x.com\n", "", ["m@x.com"]),
    ],
)  # fmt: skip
def test_the_column_is_found_by_its_heading_or_by_what_stands_in_it(
    text: str, column: str, addresses: list[str]
) -> None:
    """A heading counts with addresses below it; where nothing else stands, all cells count."""
    file = read(text)
    assert (file.column, found(file), file.unusable) == (column, addresses, ())


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("Max Huber <m@x.com>", ["m@x.com"]),
        ('"Huber, Max" <m@x.com>; Eva <e@x.com>', ["m@x.com", "e@x.com"]),
        ("Max <m@x.com>, e@x.com", ["m@x.com", "e@x.com"]),
        ("e@x.com, Huber, Max <m@x.com>", ["e@x.com", "m@x.com"]),
        ("m@x.com <m@x.com>", ["m@x.com"]),
        ("m@x.com (Max Huber)", ["m@x.com"]),
        ("'m@x.com'", ["m@x.com"]),
        ("SMTP:m@x.com;smtp:alias@x.com", ["m@x.com", "alias@x.com"]),
        ("mailto:m@x.com", ["m@x.com"]),
        ("\ufeff m@x.com\u200b.", ["m@x.com"]),
        ("{" + ID + "}", [ID]),
        ("max_partner.com#EXT#@x.onmicrosoft.com", ["max_partner.com#EXT#@x.onmicrosoft.com"]),
        ("Łucja.O'Neill@x.com", ["Łucja.O'Neill@x.com"]),
    ],
)
def test_an_address_is_found_in_what_mail_programs_put_around_it(
    cell: str, addresses: list[str]
) -> None:
    """Names, quotation marks, prefixes, invisible characters; several on a line as well."""
    assert found(read(f"first@x.com\n{cell}\n"))[1:] == addresses


@pytest.mark.parametrize(
    "line",
    ["hello", "please add m@x.com", "# m@x.com", "@x.com", "m@", "a@b@c", f"{'a' * 330}@x.com"],
)
def test_a_line_that_names_nobody_is_listed_with_its_number(line: str) -> None:
    """What is in doubt is not guessed; blank lines are nothing."""
    file = read(f"first@x.com\n\n{line}\nlast@x.com\n")
    assert found(file) == ["first@x.com", "last@x.com"]
    ((number, text),) = file.unusable
    assert number == 3
    assert line.startswith(text[:-1])


def test_an_address_that_comes_twice_counts_once() -> None:
    """In whatever case; the later line is told."""
    file = read("m@x.com\nl@x.com\nM@X.com\n")
    assert found(file) == ["m@x.com", "l@x.com"]
    assert [(e.line, e.address) for e in file.twice] == [(3, "M@X.com")]


def test_a_quotation_mark_that_is_never_closed_swallows_nobody_unseen() -> None:
    """The line it stands in is listed, whether a later one closes it or none does."""
    open_to_the_end = read('name,mail\nE,e@x.com\n"Max,m@x.com\nB,b@x.com\n')
    assert found(open_to_the_end) == ["e@x.com"]
    assert [one.line for one in open_to_the_end.unusable] == [3]
    closed_later = read('name,mail\n"Max,m@x.com\nE,e@x.com\n"Al",a@x.com\nB,b@x.com\n')
    assert "b@x.com" in found(closed_later)
    assert [one.line for one in closed_later.unusable] == [2]
    harmless = read('name,note,mail\nM,"two\nlines",m@x.com\nB,,b@x.com\n')
    assert (found(harmless), harmless.unusable) == (["m@x.com", "b@x.com"], ())
    with pytest.raises(AddressFileUnusable, match="from line 3 on"):
        read('mail\ne@x.com\n"' + "m@x.com\n" * 20_000)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"Name\nMax\n", "no address in 2 lines"),
        (b"PK\x03\x04 and so on", "a workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "no text"),
        (codecs.BOM_UTF16_LE + "m@x.com".encode("utf-16-le")[:-1], "cut off"),
        (codecs.BOM_UTF8 + b"m@x.com\xff", "no text"),
        (b"\n" * 2_000_001, "2,000,000 lines"),
    ],
)
def test_what_names_nobody_is_refused_with_a_sentence(contents: bytes, words: str) -> None:
    """Which says what it is and what to do instead."""
    with pytest.raises(AddressFileUnusable, match=words) as refused:
        read_addresses(contents, "new.csv")
    assert refused.value.happened.startswith("new.csv")
    assert refused.value.cure


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    """Whatever its size, nothing of it is decoded."""
    with pytest.raises(AddressFileUnusable, match="larger than 64 MB"):
        read_addresses(bytes(LARGEST + 1))


def test_many_lines_are_read_to_the_last() -> None:
    """And what comes twice far apart is told."""
    lines = "".join(f"Name {i};Sales;user{i % 19_000}@contoso.com\n" for i in range(20_000))
    file = read(lines)
    assert (len(file.entries), len(file.twice), file.unusable) == (19_000, 1_000, ())


LOCAL = st.text("abcXYZ019._-+'é", min_size=1, max_size=12).filter(
    lambda local: local.strip("'.") == local
)
NAME = st.text(st.characters(codec="cp1252", exclude_characters="@<>", exclude_categories=["Cc"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NAME, LOCAL), min_size=1, max_size=6, unique_by=lambda p: p[1].casefold()),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_whatever_stands_beside_an_address_it_is_found(
    people: list[tuple[str, str]], separator: str, encoding: str
) -> None:
    """Any name, with separators and quotation marks in it, written as spreadsheets write it."""
    addresses = [f"{local}@contoso.com" for _, local in people]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator)
    writer.writerow(["Name", "E-mail address"])
    writer.writerows(zip([name for name, _ in people], addresses, strict=True))
    assert found(read_addresses(written.getvalue().encode(encoding))) == addresses


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(LOCAL, st.sampled_from(["{}", "Max <{}>", "Huber, Max <{}>", "smtp:{}"])),
        min_size=1,
        max_size=5,
        unique_by=lambda p: p[0].casefold(),
    ),
    st.sampled_from([", ", "; ", "\n", ";\n"]),
)
def test_of_several_in_a_row_none_is_lost(people: list[tuple[str, str]], between: str) -> None:
    """However each of them is written: all are found, or what is not is listed."""
    addresses = [f"{local}@contoso.com" for local, _ in people]
    written = [form.format(one) for one, (_, form) in zip(addresses, people, strict=True)]
    assert found(read(between.join(written))) == addresses


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_are_a_crash(contents: bytes) -> None:
    """They are addresses, or a sentence."""
    with suppress(AddressFileUnusable):
        file = read_addresses(contents)
        assert all("@" in entry.address or "-" in entry.address for entry in file.entries)
