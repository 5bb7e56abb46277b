"""One line for each request that was sent, and one for each that is sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlencode

from mbflow.api.http import ApiRequest, ApiResponse, Trouble


@dataclass(frozen=True, slots=True)
class RequestLog:
    """What may be shown of requests: neither headers nor bodies, and the address masked."""

    tell: Callable[[str], object]
    mask: Callable[[str], str]

    def sent(
        self, request: ApiRequest, outcome: ApiResponse | Trouble, seconds: float, size: int
    ) -> None:
        """`GET /call-flows?page=2 200 34 ms 12 kB`; where no answer came, why."""
        took = f"{seconds * 1000:.0f} ms"
        if isinstance(outcome, ApiResponse):
            self._tell(request, f"{outcome.status} {took} {size_text(size)}")
        else:
            self._tell(request, f"failed {took}: {self._reason(outcome)}")

    def again(self, request: ApiRequest, outcome: ApiResponse | Trouble, seconds: float) -> None:
        """`GET /call-flows?page=2 again in 0.3 s: 503`."""
        self._tell(request, f"again in {seconds:.1f} s: {self._reason(outcome)}")

    def _reason(self, outcome: ApiResponse | Trouble) -> str:
        if isinstance(outcome, ApiResponse):
            return str(outcome.status)
        return f"{outcome.text} {self.mask(outcome.said)}".strip()

    def _tell(self, request: ApiRequest, rest: str) -> None:
        query = f"?{urlencode(request.query)}" if request.query else ""
        path = "/".join(map(self._masked, request.path.split("/")))
        self.tell(f"{request.method} {path}{query} {rest}")

    def _masked(self, part: str) -> str:
        """Part of a path, which holds what is to be masked in the form that addresses have."""
        text = unquote(part)
        masked = self.mask(text)
        return part if masked == text else masked


def size_text(size: int) -> str:
    """`312 B`, `12 kB`, `3.4 MB`."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
