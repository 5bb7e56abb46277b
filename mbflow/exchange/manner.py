"""How the exchange sends to web servers, as options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """How the exchange sends."""

    anywhere: bool = False
    """To any address, not to those of this machine only."""
    legacy_signatures: bool = False
    """Signed as the service once did."""
    retries: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """After how many seconds an event is sent again; then it is given up."""
    seconds: float = 5.0
    """How long a web server may take to answer."""
