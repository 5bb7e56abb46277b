"""One request and what came back for it, as values, and the readers of the service's envelopes.

Nothing here raises for what the service does (`retry` decides what an outcome means), but for
readers of JSON that do not find what the API sends: `NotTheEnvelope` (reference section 3).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from mbflow.model.flow import Body, Json

if TYPE_CHECKING:
    import httpx

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for (a number or an HTTP date); None if it does not.

    A date is read against the answer's own `Date`, and is none without it: the clocks of two
    machines may be minutes apart.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until, now = _moment(text), _moment(headers.get("Date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def _moment(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return float(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a success body: ten times a page of 100 flows of the largest size (64 KB)."""
LARGEST_ERROR_BODY = 64 * 1024
"""Bytes of an error body that are looked at; the rest is never read."""
LONGEST_BODY = 300.0
"""Seconds in which a body must have arrived, however steadily it drips."""

_BROKEN = re.compile("disconnect|closed|incomplete", re.IGNORECASE)
_TIMED = re.compile("expired|not yet valid")
_TLS_NOISE = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What is asked of the service: a path below the endpoint, its query and its body."""

    method: str
    path: str
    query: Mapping[str, int] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    accept: str = ""
    """Media types of a file that is wanted as it is; "" for the API's JSON."""

    @property
    def text(self) -> str:
        """For messages: `GET /call-flows (page 2)`. The query of a path may be a signature."""
        page = f" (page {self.query['page']})" if "page" in self.query else ""
        return f"{self.method} {self.path.partition('?')[0]}{page}"


def json_bytes(document: Body) -> bytes:
    """Compact UTF-8, since limits count bytes; a lone surrogate stays the escape it came as."""
    write = partial(json.dumps, document, separators=(",", ":"), allow_nan=False)
    try:
        return write(ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return write().encode()


def quote_id(name: str) -> str | None:
    """An id as one part of a path; None for one that would make it another address, or none."""
    try:
        return None if name in {"", ".", ".."} else quote(name, safe="")
    except UnicodeEncodeError:  # half of a character, or bytes of a command line that are no text
        return None


@dataclass(frozen=True, slots=True)
class ApiResponse:
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
    said: str = ""
    """Words of others that go on after `text`, not masked yet."""
    proxy: str = ""
    """The proxy that gave no way to the service; `text` then says what it did."""


def read_response(
    response: httpx.Response, clock: Callable[[], float] = time.monotonic
) -> ApiResponse | Trouble:
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
    document, is_json = _parse(content)
    return ApiResponse(response.status_code, response.headers, content, document, is_json)


def trouble_of(error: httpx.HTTPError | httpx.InvalidURL) -> Trouble:
    """The exception as a value that keeps neither the request nor its headers."""
    import httpx

    if isinstance(error, httpx.ConnectTimeout):
        return Trouble(False, "no connection could be made in time")
    if isinstance(error, httpx.PoolTimeout):
        return Trouble(False, "no connection was free in time")
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
        clock = " Is the clock of this machine right?" if _TIMED.search(text) else ""
        return Trouble(
            False,
            "TLS failed:",
            is_lasting=True,
            advice=f"SSL_CERT_FILE may name a file with the certificates to trust.{clock}",
            said=_TLS_NOISE.sub("", text),
        )
    if "Name or service" in text or "nodename" in text or "name resolution" in text:
        return Trouble(False, "its name is not known (DNS)")
    if "refused" in text:
        return Trouble(False, "the connection was refused", advice="Is the service running?")
    return Trouble(False, f"no connection could be made{':' if text else ''}", said=text)


def _parse(content: bytes) -> tuple[Json, bool]:
    """JSON as the standard has it: UTF-8, no NaN, no depth that breaks the reader."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant), True
    except (ValueError, RecursionError):
        return None, False


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class NotTheEnvelope(Exception):
    """The answer is not what the API sends; the text says why, `said` quotes the answer."""

    def __init__(self, text: str, said: str = "") -> None:
        super().__init__(text)
        self.said = said


def items_of(document: Json) -> list[Body]:
    """`data` as objects that all have an id; null counts as empty: both are seen in the wild."""
    data = document.get("data", False) if isinstance(document, dict) else False
    items = [] if data is None else data
    if not isinstance(items, list):
        raise NotTheEnvelope("its answer has no list `data`")
    sound = [item for item in items if isinstance(item, dict) and _is_id(item.get("id"))]
    if len(sound) < len(items):
        raise NotTheEnvelope("its answer holds an entry without an id")
    return sound


def only_item(document: Json) -> Body:
    """The one object that an answer about one object holds."""
    items = items_of(document)
    if len(items) != 1:
        raise NotTheEnvelope(f"its answer holds {len(items)} objects instead of one")
    return items[0]


def total_of(document: Json) -> int:
    """How many entries the whole list has."""
    pagination = document.get("pagination") if isinstance(document, dict) else None
    total = pagination.get("totalCount") if isinstance(pagination, dict) else None
    if type(total) is not int or total < 0:
        raise NotTheEnvelope("its list does not say how many entries it has")
    return total


def total_or_none(document: Json) -> int | None:
    """Like `total_of`, or None: some lists of the documentation come without `pagination`."""
    if isinstance(document, dict) and document.get("pagination") is None:
        return None
    return total_of(document)


def linked_item(document: Json) -> Body:
    """The one object, with the `_links` that stand beside it where it has none of its own."""
    item = only_item(document)
    links = document.get("_links") if isinstance(document, dict) else None
    return item if "_links" in item or not isinstance(links, dict) else {**item, "_links": links}


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


@dataclass(frozen=True, slots=True)
class Listing:
    """The first entries of a list, each once, in the service's order."""

    items: Sequence[Body]
    total: int
    """How many there are in all."""
