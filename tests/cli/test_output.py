"""What is printed is clean, aligned by cells, and JSON where JSON was asked for."""

from __future__ import annotations

import json
import os
import secrets
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from ttr_tui.cli.journal import Moment
from ttr_tui.cli.output import TOGETHER, Output
from ttr_tui.errors import CompanyUnknown, Evidence, SettingsFaulty, SignInNeeded
from ttr_tui.model import Secret, now

EVIL = "Evil\x1b[2J\u202ename\nand more"
SHOWN = "Evil<1b>[2J<U+202E>name<0a>and more"


def test_tables_hold_nothing_that_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """And their columns line up whatever the script."""
    out = Output(as_json=False)
    out.table(("Name", "State"), [(EVIL, "healthy"), ("李 小龍", "refused")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(SHOWN + "  healthy")
    assert lines[2] == "李 小龍" + " " * (len(SHOWN) - 7) + "  refused"


def test_a_terminal_gets_sentences_broken_at_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as it is; what is to be copied stays whole."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 20))
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        out = Output(as_json=False)
        out.say("  Microsoft refuses the client secret.")
        out.say("  ttr-tui --env-file /somewhere/else settings", whole=True)
    said = b""
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while piece := screen.read(4096):
            said += piece
    assert said.decode().splitlines() == [
        "  Microsoft refuses",
        "  the client secret.",
        "  ttr-tui --env-file /somewhere/else settings",
    ]


def test_narration_facts_and_json_are_clean_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Every way out is."""
    out = Output(as_json=True)
    out.say(EVIL)
    out.line(EVIL)
    out.facts([("Name", EVIL), ("Empty", "")])
    out.record({"name": EVIL, "list": [EVIL], "count": 3, "none": None})
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    line, facts, record = captured.out.splitlines()
    assert (line, facts) == (SHOWN, f"Name  {SHOWN}")
    assert json.loads(record) == {"name": SHOWN, "list": [SHOWN], "count": 3, "none": None}


def test_a_refusal_says_what_to_do_and_carries_microsofts_ids(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In words on stderr, as JSON on stdout."""
    evidence = Evidence("AADSTS50173", "corr-1", "trace-1", "2026-11-23 14:52:07Z")
    problem = SignInNeeded("It happened.", means="That.", cure="Do this.", evidence=evidence)
    assert Output(as_json=True).refuse(problem) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("It happened. That. Do this.\n  code AADSTS50173\n")
    error = json.loads(captured.out)["error"]
    assert error["kind"] == "SignInNeeded"
    assert error["correlation_id"] == "corr-1"


def test_faulty_settings_are_status_2_and_named_one_by_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All at once."""
    problem = SettingsFaulty("Faulty.", ["one is wrong", "two is wrong"])
    assert Output(as_json=True).refuse(problem) == 2
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["Faulty.", "  one is wrong", "  two is wrong"]
    assert json.loads(captured.out)["error"]["faults"] == ["one is wrong", "two is wrong"]


def test_without_json_a_refusal_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """Data alone stands there."""
    assert Output(as_json=False).refuse(CompanyUnknown("No company is called so.")) == 1
    assert capsys.readouterr().out == ""


def test_a_secret_that_slips_into_a_record_cannot_be_printed() -> None:
    """It is no JSON value."""
    secret = Secret(secrets.token_urlsafe(12))
    with pytest.raises(TypeError):
        Output(as_json=True).record({"slip": secret})


def test_progress_is_told_once_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    """A log of a long run stays readable."""
    out = Output(as_json=False)
    for count in range(1000):
        out.pace(f"{count} of 1,000.")
    assert len(capsys.readouterr().err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("written", "ago"), [("30min", 1800), ("2h", 7200), ("5d", 432_000), ("2 h", 7200)]
)
def test_since_takes_how_long_ago(written: str, ago: int) -> None:
    """The way people speak of it."""
    found = Moment().convert(written, None, None)
    assert abs((now() - found) - timedelta(seconds=ago)) < timedelta(seconds=5)


def test_since_takes_local_dates_and_times() -> None:
    """As the journal prints them, and with an offset where one is given."""
    assert Moment().convert("2026-11-23", None, None).isoformat().startswith("2026-11-23T00:00:00")
    assert Moment().convert("2026-11-23T15:41+00:00", None, None) == datetime(
        2026, 11, 23, 15, 41, tzinfo=UTC
    )
    with pytest.raises(click.BadParameter, match="2h or 5d"):
        Moment().convert("9999999999d", None, None)


@pytest.mark.parametrize("count", [0, 1, TOGETHER, 2 * TOGETHER + 1])
async def test_a_streamed_list_is_one_document(
    count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one line, cleaned, of any length."""

    async def records() -> AsyncIterator[dict[str, Any]]:
        for number in range(count):
            yield {"number": number, "name": "a\x1b[1m"}

    await Output(as_json=True).stream({"head": "x\x07"}, "users", records())
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert document["head"] == "x<07>"
    assert [one["number"] for one in document["users"]] == list(range(count))
    assert all(one["name"] == "a<1b>[1m" for one in document["users"])
