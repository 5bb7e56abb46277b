"""Times as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime

_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


def moment_text(moment: float) -> str:
    """Seconds since 1970 as RFC 3339: whole seconds, UTC, `Z` (reference section 1)."""
    return _date(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_text_ms(moment: float) -> str:
    """The same with milliseconds, as events have it (reference section 11)."""
    return _date(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _date(moment: float) -> datetime:
    """Calls that go much faster than the clock may get beyond the end of the calendar."""
    return datetime.fromtimestamp(min(moment, _LAST), UTC)
