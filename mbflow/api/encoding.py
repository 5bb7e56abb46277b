"""JSON as it is sent."""

from __future__ import annotations

import json
from functools import partial

from mbflow.model import Body


def encoded(document: Body) -> bytes:
    """Compact UTF-8, since limits count bytes; a lone surrogate stays the escape it came as."""
    write = partial(json.dumps, document, separators=(",", ":"), allow_nan=False)
    try:
        return write(ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return write().encode()
