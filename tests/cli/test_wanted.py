"""What `--filter` takes and refuses, and who must be named."""

from __future__ import annotations

import click
import pytest

from ttr_tui.cli.wanted import query_of, require_choice
from ttr_tui.query import LONGEST_TEXT


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("enabled:perhaps", "enabled:yes, enabled:no"),
        ("kind:robot", "kind:guest"),
        ("dpartment:sales", "department:"),
        ("department:", "department: has no value"),
        ('department:""', "department: has no value"),
        ('department:"  " kind:member', "department: has no value"),
        ("berlin enabled:", "enabled:yes"),
        ("x" * (LONGEST_TEXT + 1), str(LONGEST_TEXT)),
    ],
)
def test_what_would_find_more_than_was_meant_is_wrong_use(typed: str, words: str) -> None:
    """A misspelled filter, one without a value, a text that would be cut: told with the cure."""
    with pytest.raises(click.UsageError, match=words):
        query_of(typed, None, show_hidden=False)


def test_filters_and_words_become_one_query() -> None:
    """Words of `--search` are words alone; quotes keep several together."""
    query = query_of('Müller department:"north a:b" enabled:y', "title:x", show_hidden=False)
    assert query.words == ("muller", "title:x")
    assert [(one.name, one.meant) for one in query.filters] == [
        ("department", ("north", "a:b")),
        ("enabled", ("yes",)),
    ]
    assert query.hides
    assert not query_of("kind:guest", None, show_hidden=False).hides


@pytest.mark.parametrize(
    ("named", "searches", "all_matching"),
    [
        ((), (None, None), False),
        ((), ("sales", None), False),
        ((), ("", " "), True),
        (("a@b.c",), (None, None), True),
    ],
)
def test_nobody_is_chosen_by_accident(
    named: tuple[str, ...], searches: tuple[str | None, ...], all_matching: bool
) -> None:
    """Neither nobody, nor all who match where that was not said, nor all where nothing was."""
    with pytest.raises(click.UsageError):
        require_choice(named, searches, all_matching=all_matching)
