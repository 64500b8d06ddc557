"""Errors as they are kept, and kept errors as errors again: each is rendered in one place."""

from __future__ import annotations

from ttr_tui import errors
from ttr_tui.errors import Evidence, TtrError
from ttr_tui.model import Problem


def problem_of(error: TtrError) -> Problem:
    """Return an error as a plain value."""
    return Problem(
        kind=type(error).__name__,
        happened=error.happened,
        means=error.means,
        who=error.who,
        cure=error.cure,
        code=error.evidence.code,
        correlation_id=error.evidence.correlation_id,
        trace_id=error.evidence.trace_id,
        timestamp=error.evidence.timestamp,
    )


def error_of(problem: Problem) -> TtrError:
    """Return a kept problem as the error it was; of a kind that is no more, as a plain one."""
    kind = getattr(errors, problem.kind, None)
    if not isinstance(kind, type) or not issubclass(kind, TtrError) or kind in _WITH_MORE:
        kind = TtrError
    return kind(
        problem.happened,
        means=problem.means,
        who=problem.who,
        cure=problem.cure,
        evidence=Evidence(
            problem.code, problem.correlation_id, problem.trace_id, problem.timestamp
        ),
    )


_WITH_MORE = (errors.SettingsFaulty, errors.ListenFailed)
"""Errors that hold more than words; attempts never end with one."""
