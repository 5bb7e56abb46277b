"""Bodies and ids as they are sent."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import quote

from mbflow.model import Body


def encoded(document: Body) -> bytes:
    """Compact UTF-8, since limits count bytes; a lone surrogate stays the escape it came as."""
    write = partial(json.dumps, document, separators=(",", ":"), allow_nan=False)
    try:
        return write(ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return write().encode()


def in_path(name: str) -> str | None:
    """An id as one part of a path; None for one that would make it another address, or none."""
    try:
        return None if name in {"", ".", ".."} else quote(name, safe="")
    except UnicodeEncodeError:  # half of a character, or bytes of a command line that are no text
        return None
