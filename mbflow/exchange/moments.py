"""Times as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_text(moment: float) -> str:
    """Seconds since 1970 as RFC 3339: whole seconds, UTC, `Z` (reference section 1)."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
