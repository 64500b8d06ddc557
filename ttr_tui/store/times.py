"""Times as the store keeps them: whole microseconds since 1970 in UTC, exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 in UTC."""
    return (moment - _START) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of `micros`."""
    return _START + timedelta(microseconds=micros)


def maybe_micros(moment: datetime | None) -> int | None:
    """Return None for None, else as `to_micros`."""
    return None if moment is None else to_micros(moment)


def maybe_moment(micros: int | None) -> datetime | None:
    """Return None for None, else as `from_micros`."""
    return None if micros is None else from_micros(micros)
