"""Standard output that remembers whether anything was written to it."""

from __future__ import annotations

from typing import Any, TextIO


class WatchedOutput:
    """Passes everything on to another stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.was_written = False

    def write(self, text: str) -> int:
        self.was_written = True
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
