"""What is typed into the search box, read into words and filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttr_tui.query import (
    FILTERS,
    KINDS,
    LONGEST_TEXT,
    Filter,
    Query,
    WrongWord,
    completions,
    parse_query,
    spelled_out,
    taken_apart,
)


def meant(typed: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.name, one.meant) for one in parse_query(typed).filters]


def test_words_are_folded_and_stand_once() -> None:
    """Case, accents and repetition say nothing."""
    assert parse_query("  Müller ŁUKASZ müller ").words == ("muller", "lukasz")
    assert parse_query("") == Query()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("department:Sales", [("department", ("sales",))]),
        ('DEPT:"Éditions Nord"', [("department", ("editions", "nord"))]),
        ('title:"unclosed quote', [("title", ("unclosed", "quote"))]),
        ("office:", []),
        ("kind:shared", [("kind", ("shared",))]),
        ("kind:shared?", [("kind", ("shared",))]),
        ("kind:G", [("kind", ("guest",))]),
        ("enabled:y licence:no", [("enabled", ("yes",)), ("license", ("no",))]),
        ("agent:", []),
        ("address:bex@contoso.example", [("address", ("bex@contoso.example",))]),
    ],
)
def test_filters_are_read_as_far_as_they_are_typed(
    typed: str, read: list[tuple[str, tuple[str, ...]]]
) -> None:
    """In any case, with quotes around several words, values cut short; none without a value."""
    assert meant(typed) == read
    assert parse_query(typed).wrong == ()


def test_a_value_that_cannot_be_is_told_with_what_can() -> None:
    """The rest is read all the same."""
    query = parse_query("ann kind:robot enabled:maybe agent:no")
    assert query.wrong == (
        WrongWord("kind:robot", KINDS),
        WrongWord("enabled:maybe", ("yes", "no")),
    )
    assert query.words == ("ann",)
    assert query.filters == (Filter("agent", ("no",), "agent:no"),)


def test_what_only_looks_like_a_filter_is_a_word() -> None:
    """Titles have colons, too."""
    query = parse_query("r&d: 12:30 foo:bar :x")
    assert (query.filters, query.wrong) == ((), ())
    assert query.words == ("r&d:", "12:30", "foo:bar", ":x")


def test_asking_for_hidden_kinds_shows_them() -> None:
    """Else `kind:guest` would find nobody, ever."""
    assert parse_query("ann").hides
    assert parse_query("enabled:yes license:yes").hides
    assert not parse_query("kind:guest").hides
    assert not parse_query("enabled:no").hides
    assert not parse_query("license:no").hides
    assert not parse_query("ann", show_hidden=True).hides


def test_the_last_word_is_completed() -> None:
    """Names of filters, then their values."""
    assert completions("ann de") == ["department:"]
    assert completions("kind:s") == ["kind:shared"]
    assert completions("x agent:") == ["agent:yes", "agent:no"]
    assert completions("") == completions("ann ") == completions("title:cl") == []
    assert completions("zz:") == []


@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*FILTERS, ":", '"', " ", "x"])).map("".join)
)
def test_nothing_typed_is_an_error(typed: str) -> None:
    """Whatever it is, it is read; and what is completed reads as a filter."""
    parse_query(typed)
    for whole in completions(typed):
        assert parse_query(whole).wrong == ()


def test_what_was_pasted_by_mistake_is_cut() -> None:
    """Nobody types more."""
    assert parse_query("x" * 10_000).words == ("x" * LONGEST_TEXT,)


def test_values_are_completed_where_they_are_known() -> None:
    """In any case and with any accents; several words get their quotes."""

    def known(name: str) -> list[str]:
        return ["Ventes", "Vertrieb Süd", 'od"d'] if name == "department" else []

    assert completions("be department:ve", known) == [
        "department:Ventes",
        'department:"Vertrieb Süd"',
    ]
    assert completions('x department:"vertrieb su', known) == ['department:"Vertrieb Süd"']
    assert completions("department:", known) == completions("office:v", known) == []


def test_finished_filters_are_taken_out_of_what_is_typed() -> None:
    """A space ends one; what cannot be, or is still typed, stays."""
    assert taken_apart('be department:"north sales" kind:x al kind:m') == (
        ['department:"north sales"'],
        "be kind:x al kind:m",
    )
    assert taken_apart("agent:no ") == (["agent:no"], "")
    assert taken_apart('title:"open quote ') == ([], 'title:"open quote ')
    assert spelled_out("kind:G") == "kind:guest"
    assert spelled_out("department:g") == "department:g"
