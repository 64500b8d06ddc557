"""An env file with one value changed is the same file but for that value."""

from __future__ import annotations

import io

import pytest
from dotenv.parser import parse_stream
from hypothesis import given
from hypothesis import strategies as st

from ttr_tui.settings.env_text import CannotEdit, changed, values, written

NEW = "nEw~8Q.x-_y"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=1\nS=old\nB=2\n", f"A=1\nS={NEW}\nB=2\n"),
        ("S=old", f"S={NEW}"),
        ("\n\n# c\nexport S = 'old' # n\r\nB=2\r\n", f"\n\n# c\nexport S = '{NEW}' # n\r\nB=2\r\n"),
        ('S="o\\"ld"#x\nB=2\n', f'S="{NEW}"#x\nB=2\n'),
        ("S=old#x # c\n", f"S={NEW} # c\n"),
        ("S=\nB=1", f"S={NEW}\nB=1"),
        ("'S'=old\r", f"'S'={NEW}\r"),
        ("   S=old  \n\tB = 2", f"   S={NEW}  \n\tB = 2"),
        ("S=a\nS=b\nB=1\n", f"S=a\nS={NEW}\nB=1\n"),
        ("nonsense\nS=a\n=x\n", f"nonsense\nS={NEW}\n=x\n"),
    ],
)
def test_one_value_changes_and_no_other_byte(before: str, after: str) -> None:
    """Quotes, comments, blanks, line ends, `export`, doubled and unreadable lines stay."""
    assert changed(before, {"S": NEW}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("S=a\nE=1 # old\nB=2\n", "S=a\nB=2\n"),
        ("S=a\n\n\nE=1", "S=a\n\n\n"),
        ("E=1\r\nS=a\r\nE=2\r\n", "S=a\r\n"),
        ("S=a\n", "S=a\n"),
    ],
)
def test_a_line_goes_and_the_blank_ones_before_it_stay(before: str, after: str) -> None:
    """Each line of that name goes, so that no former one counts instead."""
    assert changed(before, {"E": None}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=1\r\nS=a\r\nB=2\r\n", "A=1\r\nS=b\r\nE=9\r\nB=2\r\n"),
        ("A=1\nS=a", "A=1\nS=b\nE=9"),
        ("E=1\nS=a\n", "E=9\nS=b\n"),
    ],
)
def test_a_new_name_gets_a_line_behind_the_other(before: str, after: str) -> None:
    """With the same line end."""
    assert changed(before, {"S": "b", "E": "9"}) == after


def test_what_cannot_be_changed_with_certainty_is_left() -> None:
    """A value that would not be read again as it was meant."""
    with pytest.raises(CannotEdit):
        changed("S=a\n", {"S": "two words # no comment"})
    with pytest.raises(CannotEdit):
        changed("S='unclosed\n", {"S": "b\nA=1"})


PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=50)


@given(PLAIN, st.sampled_from(["S='old'", 'S="old"', "export S = 'old' # c"]))
def test_any_secret_is_read_again_as_it_was_written(secret: str, line: str) -> None:
    """Quoted lines take every printable character; a new line is quoted where that is needed."""
    for text in (changed(f"A=1\n{line}\nB=2\n", {"S": secret}), f"A=1\nS={written(secret)}\nB=2\n"):
        assert values(text) == {"A": "1", "S": secret, "B": "2"}
        assert not any(binding.error for binding in parse_stream(io.StringIO(text)))
