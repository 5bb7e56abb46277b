"""Faults: what goes wrong on the way to and from a service, when, and how often. Seeded.

A fault is written `METHOD PATH-GLOB KIND[=ARG] [before|after] [nth=N|p=0.1]`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from http import HTTPMethod
from random import Random

from mbflow.emulator.responses import INTERNAL, TOO_MANY, Response, error
from mbflow.model.errors import UsageError
from mbflow.model.text import Command


class SimulatedFailure(Exception):
    """A connection that breaks on purpose. The server or the in-process transport acts it out."""


class ConnectionReset(SimulatedFailure):
    """The connection is reset before a byte of the answer was sent."""


class AnswerTooLate(SimulatedFailure):
    """The client of an in-process request would have given up waiting by now."""


SYNTAX = "METHOD PATH-GLOB KIND[=ARG] [before|after] [nth=N|p=0.1]"
KINDS: Mapping[str, str] = {
    "429[=SECONDS]": "Too many requests, with Retry-After of SECONDS (1).",
    "5xx[=SECONDS]": "A status from 500 to 599, with Retry-After if SECONDS are given.",
    "reset": "The connection is reset without an answer.",
    "latency=SECONDS": "The request (before) or its answer (after) is held up.",
    "truncated[=BYTES]": "The connection closes after BYTES (half) of the answer's body.",
    "html[=STATUS]": "A proxy's HTML page in place of the answer, with STATUS (200).",
    "twice": "The request is carried out twice; the second answer is sent.",
}
"""Each kind of fault as it is written, and what it does."""

_AFTER_ONLY = ("truncated", "twice")
_ARGUMENT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_PAGE = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble for the requests that it matches."""

    method: str
    """`*` is any method."""
    path: str
    """A glob over the path without `/v1` and without a slash at its end; `*` spans slashes."""
    kind: str
    argument: float | None = None
    after: bool = False
    """Strikes after the request was carried out and committed, not before."""
    nth: int | None = None
    """Strikes only the Nth request that it matches, counted from 1."""
    chance: float | None = None
    """Strikes each request that it matches with this probability."""

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatchcase(path, self.path)


def parse_fault(spec: str) -> Fault:
    """The fault of a SPEC; raises `UsageError` that says what is wrong with it."""
    words = spec.split()
    if len(words) < 3:
        raise _wrong(spec, "it needs a method, a path and a kind")
    method, path, kind, *conditions = words
    name, _, argument = kind.partition("=")
    if method.upper() not in ("*", *HTTPMethod):
        raise _wrong(spec, f"{method} is no HTTP method")
    if not path.startswith(("/", "*")):
        raise _wrong(spec, f"the path {path} must begin with / or *")
    _check_kind(spec, name, argument)
    fault = Fault(
        method=method.upper(),
        path=path.removesuffix("/") or "/",
        kind=name,
        argument=float(argument) if argument else None,
        after=name in _AFTER_ONLY,
    )
    for word in conditions:
        fault = _with_condition(spec, fault, word)
    return fault


class Faults:
    """The faults that are in force, with their counts and draws. Safe between threads."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self.put(faults, seed)

    def put(self, faults: Iterable[Fault], seed: int = 0) -> None:
        """Replaces all faults; counting and drawing begin anew."""
        with self._lock:
            self._faults = tuple(faults)
            self._counts = [0] * len(self._faults)
            self._random = [Random(f"{seed}:{number}") for number in range(len(self._faults))]

    def due(self, method: str, path: str) -> list[Fault]:
        """Those that strike this request; counts it."""
        with self._lock:
            return [
                fault
                for number, fault in enumerate(self._faults)
                if fault.matches(method, path) and self._strikes(number, fault)
            ]

    def _strikes(self, number: int, fault: Fault) -> bool:
        self._counts[number] += 1
        if fault.nth is not None:
            return self._counts[number] == fault.nth
        return fault.chance is None or self._random[number].random() < fault.chance


def act_out(
    due: Sequence[Fault],
    handle: Callable[[], Response],
    *,
    sleep: Callable[[float], None],
    patience: float | None = None,
) -> Response:
    """The answer of `handle` with these faults around it.

    `patience` is how long the client waits, in seconds, where the emulator must act that out too.
    Raises `SimulatedFailure` where no answer is to be sent.
    """
    before = [fault for fault in due if not fault.after]
    after = [fault for fault in due if fault.after]
    late = sum(fault.argument or 0 for fault in due if fault.kind == "latency")
    if patience is not None and late >= patience:
        sleep(patience)
        with suppress(ConnectionReset):
            _replacement(before) or _handle(after, handle)
        raise AnswerTooLate("The answer was held up for longer than the client waits.")
    _delay(before, sleep)
    answer = _replacement(before) or _handle(after, handle)
    _delay(after, sleep)
    return _replacement(after) or _truncate(after, answer)


def _handle(after: Sequence[Fault], handle: Callable[[], Response]) -> Response:
    if any(fault.kind == "twice" for fault in after):
        handle()
    return handle()


def _delay(faults: Sequence[Fault], sleep: Callable[[float], None]) -> None:
    for fault in faults:
        if fault.kind == "latency":
            sleep(fault.argument or 0)


def _replacement(faults: Sequence[Fault]) -> Response | None:
    """The answer that takes the place of the real one, if one does."""
    for fault in faults:
        if fault.kind == "reset":
            raise ConnectionReset("The connection was reset.")
        if fault.kind == "html":
            return Response(int(fault.argument or 200), _PAGE, "text/html")
        if fault.kind.isdigit():
            return _trouble(int(fault.kind), fault.argument)
    return None


def _trouble(status: int, seconds: float | None) -> Response:
    if status == 429:
        wait = (("Retry-After", f"{seconds if seconds is not None else 1:g}"),)
        return error(status, (TOO_MANY, "Too many requests."), headers=wait)
    headers = () if seconds is None else (("Retry-After", f"{seconds:g}"),)
    return error(status, (INTERNAL, "The service is in trouble."), headers=headers)


def _truncate(faults: Sequence[Fault], answer: Response) -> Response:
    for fault in faults:
        if fault.kind == "truncated" and answer.body:
            whole = len(answer.body)
            sent = whole // 2 if fault.argument is None else min(int(fault.argument), whole - 1)
            return replace(answer, body=answer.body[:sent], announced=whole)
    return answer


def _check_kind(spec: str, name: str, argument: str) -> None:
    known = {kind.partition("[")[0].partition("=")[0] for kind in KINDS} - {"5xx"}
    if name not in known and not re.fullmatch("5[0-9][0-9]", name):
        raise _wrong(spec, f"there is no kind {name}")
    if argument and (name in ("reset", "twice") or not _ARGUMENT.fullmatch(argument)):
        raise _wrong(spec, f"{name} does not take {argument}")
    if name == "latency" and not argument:
        raise _wrong(spec, "latency needs its seconds: latency=0.5")
    if name == "html" and argument and not re.fullmatch("[2-5][0-9][0-9]", argument):
        raise _wrong(spec, "html takes a status from 200 to 599")


def _with_condition(spec: str, fault: Fault, word: str) -> Fault:
    name, _, value = word.partition("=")
    if word == "after":
        return replace(fault, after=True)
    if word == "before" and fault.kind in _AFTER_ONLY:
        raise _wrong(spec, f"{fault.kind} can only come after")
    if word == "before":
        return replace(fault, after=False)
    if name == "nth":
        if not re.fullmatch("[1-9][0-9]{0,8}", value):
            raise _wrong(spec, "nth takes a whole number from 1, such as nth=3")
        return replace(fault, nth=int(value))
    if name == "p":
        if not _ARGUMENT.fullmatch(value) or float(value) > 1:
            raise _wrong(spec, "p takes a number from 0 to 1, such as p=0.1")
        return replace(fault, chance=float(value))
    raise _wrong(spec, f"{word} is neither before, after, nth=N nor p=0.1")


def _wrong(spec: str, why: str) -> UsageError:
    return UsageError(
        f"The fault `{spec}` cannot be read: {why}.",
        f"A fault is written {SYNTAX}.",
        "List the kinds with:",
        Command("mbflow", "emulate", "--list-faults"),
    )
