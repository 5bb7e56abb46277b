"""What came back for one attempt, as a value: an `Answer`, or the `Trouble` in its place.

Nothing here raises for what the service does; `sending` decides what an outcome means.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import httpx

from mbflow.model import Json

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a success body: ten times a page of 100 flows of the largest size (64 KB)."""
LARGEST_ERROR_BODY = 64 * 1024
"""Bytes of an error body that are looked at; the rest is never read."""
LONGEST_BODY = 300.0
"""Seconds in which a body must have arrived, however steadily it drips."""

_BROKEN = re.compile("disconnect|closed|incomplete", re.IGNORECASE)
_TLS_NOISE = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read as far as its bound allows."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    document: Json = field(default=None, repr=False)
    """The body's JSON; None where there is none."""
    is_json: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        kind = self.headers.get("Content-Type", "").lower()
        return "html" in kind or self.body.lstrip()[:1] == b"<"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer."""

    was_sent: bool
    """False when no connection was made, so that the service has seen nothing."""
    text: str
    is_lasting: bool = False
    """True when trying again cannot help: a certificate that does not fit."""
    advice: str = ""


def read_answer(
    response: httpx.Response, clock: Callable[[], float] = time.monotonic
) -> Answer | Trouble:
    """The answer with its body, bounded in size and time; the response must be streaming."""
    body = bytearray()
    bound = LARGEST_BODY if response.is_success else LARGEST_ERROR_BODY
    deadline = clock() + LONGEST_BODY
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > bound:
            if response.is_success:
                return Trouble(True, f"its answer is larger than {bound >> 20} MB", True)
            break
        if clock() > deadline:
            return Trouble(True, f"its answer took longer than {LONGEST_BODY:.0f} seconds")
    content = bytes(body[:bound])
    document, is_json = _parsed(content)
    return Answer(response.status_code, response.headers, content, document, is_json)


def trouble_of(error: httpx.HTTPError | httpx.InvalidURL) -> Trouble:
    """The exception as a value that keeps neither the request nor its headers."""
    if isinstance(error, httpx.ConnectTimeout):
        return Trouble(False, "no connection could be made in time")
    if isinstance(error, httpx.PoolTimeout):
        return Trouble(False, "no connection was free in time")
    if isinstance(error, httpx.ProxyError):
        return Trouble(False, "the proxy refused", advice="Look at HTTPS_PROXY and NO_PROXY.")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(str(error))
    if isinstance(error, httpx.TimeoutException):
        return Trouble(True, "no answer came in time")
    if isinstance(error, httpx.DecodingError):
        return Trouble(True, "its answer is compressed in a broken way")
    if isinstance(error, httpx.RemoteProtocolError) and not _BROKEN.search(str(error)):
        return Trouble(True, "its answer is not HTTP", advice="Is the port right?")
    return Trouble(True, "the connection broke before the whole answer had come")


def _no_connection(text: str) -> Trouble:
    if "SSL" in text or "certificate" in text or "TLS" in text:
        return Trouble(
            False,
            f"TLS failed: {_TLS_NOISE.sub('', text)}",
            is_lasting=True,
            advice="SSL_CERT_FILE may name a file with the certificates to trust.",
        )
    if "Name or service" in text or "nodename" in text or "getaddrinfo" in text:
        return Trouble(False, "its name is not known (DNS)")
    if "refused" in text:
        return Trouble(False, "the connection was refused", advice="Is the service running?")
    return Trouble(False, text or "no connection could be made")


def _parsed(content: bytes) -> tuple[Json, bool]:
    """JSON as the standard has it: UTF-8, no NaN, no depth that breaks the reader."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant), True
    except (ValueError, RecursionError):
        return None, False


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
