"""Durations: as files state them, and as people read them."""

from __future__ import annotations

import re
from decimal import Decimal

from mbflow.model.flow import Json

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_DURATION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)")
_LONGEST_MS = 360_000_000
A_DURATION = "a duration of at most 100 hours, such as 1.5 or 30s"


def milliseconds(stated: float | str) -> int:
    """A duration that fits the schema; a number counts seconds."""
    if not isinstance(stated, str):
        return round(stated * 1000)
    unit = "ms" if stated.endswith("ms") else stated[-1]
    return round(Decimal(stated.removesuffix(unit)) * _UNITS[unit])


def duration_ms(stated: Json) -> int | None:
    """A duration as `milliseconds` takes it; None for what is none, or is too long."""
    if isinstance(stated, str):
        is_duration = _DURATION.fullmatch(stated) is not None
    else:
        is_number = isinstance(stated, int | float) and not isinstance(stated, bool)
        is_duration = is_number and 0 <= stated <= _LONGEST_MS / 1000  # type: ignore[operator]
    ms = milliseconds(stated) if is_duration else None  # type: ignore[arg-type]
    return ms if ms is not None and ms <= _LONGEST_MS else None


def clock(ms: int) -> str:
    """`0:04.2`: minutes, seconds and tenths of a call."""
    tenths = ms // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def seconds(ms: int) -> str:
    """`4.2 s`, `10 s`."""
    return f"{ms / 1000:g} s" if ms < 10**9 else f"{ms // 1000} s"
