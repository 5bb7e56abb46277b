"""One HTTP request as the emulator sees it: path, query, body and key, read from WSGI's environ.

Every reading is bounded, and what cannot be read is refused in the documented shape.
"""

from __future__ import annotations

import json
import re
import threading
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

from mbflow.emulator.quirks import Quirk
from mbflow.emulator.responses import INVALID, PageRange, invalid
from mbflow.model.flow import Body, Json

BODY_LIMIT = 64 * 1024
"""A body must be smaller than this, in bytes (reference section 16)."""
READ_TIMEOUT = "mbflow.read_timeout"
"""The environ key under which the in-process transport says how long its client would wait."""

_DEPTH = 60
_PER_PAGE = 10
_PER_PAGE_CAP = 5
_FARTHEST = 10**18
"""No list is as long, and SQLite can still count so far."""
_METHODS = {"GET", "POST", "PUT", "DELETE"}
_DATE = re.compile("[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_DIGITS = re.compile("[0-9]+")
_LONGEST = 18
"""Digits of a number that is not too far for a list."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` has neither the `/v1` before it nor a slash at its end; `asked` has."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes | None = field(repr=False)
    """None when it is too large to be read."""
    key: str = field(repr=False)
    """The access key, or an empty text."""
    read_timeout: float | None = None
    range: str = ""
    """The header that asks for a part of a file."""
    if_range: str = ""
    asked: str = ""
    version: str = ""
    """The header that asks for a version of the API."""


def request_of(environ: Mapping[str, Any]) -> Request:
    """The request of a WSGI call. `_method` stands in for a method that a client cannot send."""
    query, asked = _query(environ), _asked(environ)
    method = str(environ["REQUEST_METHOD"]).upper()
    if method in {"GET", "POST"} and query.get("_method", "").upper() in _METHODS:
        method = query["_method"].upper()
    return Request(
        method=method,
        path=_path(asked),
        asked=asked,
        query=query,
        body=_body(environ),
        key=_key(environ),
        read_timeout=environ.get(READ_TIMEOUT),
        range=environ.get("HTTP_RANGE", ""),
        if_range=environ.get("HTTP_IF_RANGE", ""),
        version=environ.get("HTTP_X_MESSAGEBIRD_VERSION", ""),
    )


def refuse_malformed_version(request: Request) -> None:
    """For a header `X-MessageBird-Version` that is no date. None at all is the latest version."""
    if request.version and not _DATE.fullmatch(request.version):
        _refuse("X-MessageBird-Version must be a date such as 20170314.")


def json_of(body: bytes | None, name: str = "The request body") -> Json:
    """The body as JSON, whatever its content type; else refused. Messages call it `name`."""
    if body is None:
        _refuse(f"{name} must be smaller than {BODY_LIMIT} bytes.")
    if not body.strip():
        _refuse(f"{name} is empty; a JSON object is needed.")
    if body.startswith(BOM_UTF8):
        _refuse(f"{name} is not JSON: it begins with a byte-order mark.")
    try:
        value: Json = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_whole_number,
            parse_float=_fraction,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        _refuse(f"{name} holds half of a surrogate pair, which is no character.")
    except UnicodeDecodeError:
        _refuse(f"{name} is not UTF-8.")
    except RecursionError:
        _refuse(f"{name} is nested more than {_DEPTH} levels deep.")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(f"{name} is not JSON: it cannot be read from {place} on.")
    except ValueError as error:  # of the functions below
        _refuse(f"{name} cannot be taken: {error}.")
    if _is_deep(value):
        _refuse(f"{name} is nested more than {_DEPTH} levels deep.")
    return value


def object_of(request: Request) -> Body:
    """The JSON object in the body of a request; anything else is refused."""
    value = json_of(request.body)
    if not isinstance(value, dict):
        _refuse("The request body must be a JSON object.")
    return value


def page_of(query: Mapping[str, str], quirks: Collection[Quirk] = ()) -> PageRange:
    """The page that is asked for, in every spelling that an SDK sends (reference section 3)."""
    legacy = Quirk.LEGACY_PAGING_IGNORED not in quirks
    lower = {name.lower(): (name, value) for name, value in query.items()}
    length = _whole_number_of(lower, "perpage", *(["limit"] if legacy else [])) or _PER_PAGE
    number = _whole_number_of(lower, "page", *(["currentpage"] if legacy else []))
    offset = _whole_number_of(lower, "offset") if legacy else None
    if Quirk.PER_PAGE_CAP in quirks:
        length = min(length, _PER_PAGE_CAP)
    if Quirk.PER_PAGE_IGNORED in quirks:
        length = _PER_PAGE
    if number is None and offset:
        return PageRange(number=offset // length + 1, length=length, start=offset)
    number = number or 1
    return PageRange(number=number, length=length, start=min((number - 1) * length, _FARTHEST))


def _query(environ: Mapping[str, Any]) -> dict[str, str]:
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True, errors="replace")
    return dict(reversed(pairs))


def _asked(environ: Mapping[str, Any]) -> str:
    """The path; of slashes that it begins with, waitress leaves but one in PATH_INFO."""
    path = str(environ.get("PATH_INFO", "")).encode("latin-1", "replace")
    uri = str(environ.get("REQUEST_URI", ""))
    if uri.startswith("//"):
        path = unquote_to_bytes(re.split("[?#]", uri)[0].encode("latin-1", "replace"))
    return path.decode(errors="replace")


def _path(path: str) -> str:
    if path == "/v1" or path.startswith("/v1/"):
        path = path[3:]
    return path.removesuffix("/") or "/"


def _body(environ: Mapping[str, Any]) -> bytes | None:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length >= BODY_LIMIT:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    return body


def _key(environ: Mapping[str, Any]) -> str:
    scheme, _, key = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return key.strip() if scheme.lower() == "accesskey" else ""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {json.dumps(twice)} is given twice in one object")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _whole_number(digits: str) -> int:
    if len(digits) > 19 or not -(2**63) <= int(digits) < 2**63:
        raise ValueError("a number is too large")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _is_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Json) -> Collection[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _whole_number_of(query: Mapping[str, tuple[str, str]], *names: str) -> int | None:
    """The first of these parameters that is there; 0 and nothing both mean: not said.

    `query` is by names in lower case, with the names and values that were sent.
    """
    for name in names:
        sent, text = query.get(name, (name, ""))
        if text and not _DIGITS.fullmatch(text):
            _refuse(f"The query parameter {sent} must be a whole number, 0 or more.")
        if text:
            return _FARTHEST if len(text) > _LONGEST else int(text) or None
    return None


def _refuse(message: str) -> NoReturn:
    raise invalid((INVALID, message))


_LOG_SIZE = 10_000
_PAGING = ("page", "currentpage", "perpage", "limit", "offset")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. `status` is None where the connection broke before the answer."""

    method: str
    path: str
    query: str
    """The paging parameters only, as they were sent, in order of name: `page=2&perPage=100`."""
    status: int | None


def log_entry(request: Request, status: int | None) -> LoggedRequest:
    query = "&".join(
        f"{name}={value}"
        for name, value in sorted(request.query.items())
        if name.lower() in _PAGING
    )
    return LoggedRequest(request.method, request.path, query, status)


class AccountLog(Generic[T]):
    """The last entries of all accounts, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, T]] = deque(maxlen=_LOG_SIZE)
        self._lock = threading.Lock()

    def add(self, account: str, entry: T) -> None:
        with self._lock:
            self._entries.append((account, entry))

    def all(self) -> tuple[T, ...]:
        with self._lock:
            return tuple(entry for _, entry in self._entries)

    def of(self, account: str) -> tuple[T, ...]:
        with self._lock:
            return tuple(entry for owner, entry in self._entries if owner == account)
