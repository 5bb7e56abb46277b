"""Responses as the API gives them: envelopes, links, times, pagination blocks and errors.

Shapes: api reference sections 3 to 5. Objects arrive here as JSON text that is only joined.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mbflow.emulator.audio import Audio
from mbflow.model.flow import Json
from mbflow.model.text import listed, shortened

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


WRONG_KEY = 2
MISSING = 10
INVALID = 11
NOT_FOUND = 13
BAD_REQUEST = 21
TOO_MANY = 42
INTERNAL = 99
"""Codes of errors. Only 13 with 404 is sure (reference section 5); clients read 2 as wrong key.

20 and 25 are left alone: to the SDKs for PHP and C# they are "not found" and "no credit".
"""


_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. `body` is empty for 204."""

    status: int
    body: bytes | Audio = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    announced: int | None = None
    """The Content-Length of a body that is cut short on purpose."""

    @property
    def pieces(self) -> Iterable[bytes]:
        """The body, as a WSGI application gives it."""
        return [self.body] if isinstance(self.body, bytes) else self.body


@dataclass(frozen=True, slots=True)
class PageRange:
    """A part of a list: rows `start` to `start + length`, called page `number`."""

    number: int
    length: int
    start: int


class ErrorResponse(Exception):
    """The request is answered with an error; whatever its handler had written is rolled back.

    `documented` is the status that the documentation has for it, where that is another one.
    """

    def __init__(
        self,
        status: int,
        *errors: tuple[int, str],
        headers: tuple[tuple[str, str], ...] = (),
        documented: int | None = None,
    ) -> None:
        super().__init__(status)
        self.errors = errors
        self.documented = documented
        self.answer = error(status, *errors, headers=headers)


def one(link: str, text: str, status: int = 200, *, more: Mapping[str, str] = _NONE) -> Response:
    """A single object, as an array of one, with its links on the envelope.

    `more` are further links, by name, as what they add to the link of the object itself.
    """
    return Response(status, add_links(f'{{"data":[{text}]}}', link, more).encode())


def many(
    link: str,
    items: Iterable[tuple[str, str]],
    *,
    more: Mapping[str, str] = _NONE,
    page: PageRange,
    total: int,
    status: int = 200,
    empty: str = "[]",
) -> Response:
    """A page of a list. `items` are pairs of a link and the object's JSON text."""
    data = ",".join(add_links(text, own, more) for own, text in items)
    count = -(-total // page.length)
    return Response(
        status,
        (
            f'{{"data":{f"[{data}]" if data else empty},'
            f'"_links":{{"self":{_quoted(f"{link}?page={page.number}")}}},'
            f'"pagination":{{"totalCount":{total},"pageCount":{count},'
            f'"currentPage":{page.number},"perPage":{page.length}}}}}'
        ).encode(),
    )


def error(
    status: int, *errors: tuple[int, str], headers: Sequence[tuple[str, str]] = ()
) -> Response:
    """The documented error body: `message` and `code` only, and no pagination beside them."""
    entries = [{"message": message, "code": code} for code, message in errors]
    return Response(status, json_bytes({"data": None, "errors": entries}), headers=tuple(headers))


def nothing() -> Response:
    return Response(204)


def not_found(what: str, name: str) -> ErrorResponse:
    """The one error text that captures of real traffic show."""
    return ErrorResponse(404, (NOT_FOUND, f"No {what} found for ID `{name}`."))


def nothing_at(path: str) -> ErrorResponse:
    """No endpoint has this path."""
    return ErrorResponse(404, (NOT_FOUND, f"There is nothing at `{shortened(path, 200)}`."))


def invalid(*errors: tuple[int, str]) -> ErrorResponse:
    """The content of the request cannot be taken.

    422, because the SDKs for Python and Ruby read the body of 401, 404, 405 and 422 only.
    """
    return ErrorResponse(422, *errors, documented=400)


def conflict(message: str) -> ErrorResponse:
    """The object is in a state in which that cannot be done. 422 for the same reason."""
    return ErrorResponse(422, (BAD_REQUEST, message), documented=409)


def not_allowed(method: str, path: str, allowed: Collection[str]) -> ErrorResponse:
    """The path is there, and takes other methods."""
    shown = listed(sorted(set(allowed) - {"HEAD"}), last="and")
    return ErrorResponse(
        405,
        (BAD_REQUEST, f"`{path}` takes {shown}, not {method}."),
        headers=(("Allow", ", ".join(sorted(allowed))),),
    )


def json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def add_links(text: str, link: str, more: Mapping[str, str] = _NONE) -> str:
    """The JSON text of an object with its `_links` written into it."""
    links = {"self": link, **{name: link + added for name, added in more.items()}}
    return f'{text[:-1]},"_links":{json.dumps(links, ensure_ascii=False, separators=(",", ":"))}}}'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def text_of(flow: Mapping[str, Json]) -> str:
    return json.dumps(flow, ensure_ascii=False, separators=(",", ":"))
