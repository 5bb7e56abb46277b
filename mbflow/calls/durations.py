"""Durations as people write them: `30s`, `500ms`, `2m`, `1.5`."""

from __future__ import annotations

from decimal import Decimal

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def milliseconds(stated: float | str) -> int:
    """A duration that fits the schema; a number counts seconds."""
    if not isinstance(stated, str):
        return round(stated * 1000)
    unit = "ms" if stated.endswith("ms") else stated[-1]
    return round(Decimal(stated.removesuffix(unit)) * _UNITS[unit])


def clock(ms: int) -> str:
    """`0:04.2`: minutes, seconds and tenths of a call."""
    tenths = ms // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def seconds(ms: int) -> str:
    """`4.2 s`, `10 s`."""
    return f"{ms / 1000:g} s" if ms < 10**9 else f"{ms // 1000} s"
