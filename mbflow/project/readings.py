"""Flow files read: from the cache what was read before, the rest by as many processes as pay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mbflow.model.flow import Flow, PackedFlow
from mbflow.model.problem import Problem, Severity
from mbflow.model.progress import SILENT, Progress
from mbflow.project.discover import FlowFile
from mbflow.project.flow_file import Reading, Terms, read_flow
from mbflow.project.workers import in_workers, not_collecting, nothing
from mbflow.project.yaml.parser import LARGEST_FILE

if TYPE_CHECKING:
    from mbflow.project.cache import Cache

WORTH_KEEPING = 200
"""Files. Fewer are read in the time that the cache takes."""
_USUAL_FILE = 16 * 1024
"""Bytes. Python makes room for all that it is asked to read: for the largest file that takes three
times as long as to read one."""

Packed = tuple[Any, ...]
"""A reading as plain data, which marshal can carry between processes and into the cache."""


def readings(
    root: Path,
    files: Sequence[FlowFile],
    terms: Terms,
    *,
    keep_flows: bool,
    beside: Callable[[], object] = nothing,
    progress: Progress = SILENT,
) -> list[Reading]:
    """One reading or more of each file, in the order of the files; with flows only if asked.

    `root` is the project's, where the cache is. `beside` is done here while others read.
    """
    pays = len(files) >= WORTH_KEEPING
    cache = _cache(root, terms, keep_flows) if pays else None
    values = _Values(terms)

    def read(part: Sequence[FlowFile]) -> list[tuple[bytes, list[Packed]]]:
        return [_read(flow, terms, keep_flows, named=pays) for flow in part]

    with not_collecting():
        known = [_known(flow, cache, values) if cache else None for flow in files]
        unknown = [flow for flow, entry in zip(files, known, strict=True) if entry is None]
        anew = chain.from_iterable(in_workers(read, unknown, beside, progress))
        found: list[Reading] = []
        for flow, entry in zip(files, known, strict=True):
            if entry is None:
                name, entry = next(anew)
                if cache is not None:
                    _keep(flow, name, entry, cache, values)
            found += [_unpacked(*packed) for packed in entry]
        if cache is not None:
            cache.save()
    return found


def _cache(root: Path, terms: Terms, keep_flows: bool) -> Cache:
    from mbflow.project.cache import open_cache

    return open_cache(root, *_what_readings_depend_on(terms), keep_flows)


def _digest(content: bytes) -> bytes:
    from mbflow.project.cache import digest  # loads OpenSSL, which few files have no need of

    return digest(content)


def _what_readings_depend_on(terms: Terms) -> tuple[object, ...]:
    """Beside the file and the values of its variables."""
    names = [environment.name for environment in terms.environments]
    known = terms.known_environments
    rules = [rule.id for rule in terms.rules], sorted(terms.severities.items())
    rest = terms.unset, terms.variables_known, terms.errors_only
    return names, None if known is None else sorted(known), *rules, *rest


class _Values:
    """The values that files depend on, by the names of the variables that they refer to."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._known: dict[tuple[str, ...], bytes | None] = {(): b""}

    def of(self, names: tuple[str, ...]) -> bytes | None:
        """A digest; None where one is secret: what holds it is not written down."""
        if names not in self._known:
            tables = [environment.variables for environment in self._terms.environments]
            used = [table[name] for table in tables for name in names if name in table]
            is_secret = any(variable.secret for variable in used)
            values = [(of.name, of.value, of.env, of.trouble, of.place) for of in used]
            # A message about an unknown variable names those that may be meant.
            content = repr((values, [sorted(table) for table in tables])).encode()
            self._known[names] = None if is_secret else _digest(content)
        return self._known[names]


def _known(flow: FlowFile, cache: Cache, values: _Values) -> list[Packed] | None:
    try:
        entry = cache.find(flow.file, _name_of(flow, _source(flow)))
    except OSError:
        return None
    if entry is None or values.of(_variables(entry[1])) != entry[0]:
        return None
    cache.keep(flow.file)
    found: list[Packed] = entry[1]
    return found


def _keep(flow: FlowFile, name: bytes, entry: list[Packed], cache: Cache, values: _Values) -> None:
    if name and (digest_of_values := values.of(_variables(entry))) is not None:
        cache.add(flow.file, name, (digest_of_values, entry))


def _variables(entry: list[Packed]) -> tuple[str, ...]:
    """None of a file that is no YAML."""
    return entry[0][-1] or ()


def _read(
    flow: FlowFile, terms: Terms, keep_flow: bool, *, named: bool
) -> tuple[bytes, list[Packed]]:
    """The name of the content, if asked and if there is one, and what was read of it."""
    try:
        source = _source(flow)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        problem = Problem("file-unreadable", Severity.ERROR, message, file=flow.file)
        names = tuple(environment.name for environment in terms.environments)
        nothing = Reading(flow.name, flow.file, names, (problem,), variables=None)
        return b"", [_packed(nothing, keep_flow)]
    found = read_flow(source, flow.name, flow.file, terms)
    return _name_of(flow, source) if named else b"", [_packed(one, keep_flow) for one in found]


def _name_of(flow: FlowFile, source: bytes) -> bytes:
    """With the flow's: another flows folder gives the same file another."""
    return _digest(flow.name.encode("utf-8", "surrogatepass") + b"\0" + source)


def _source(flow: FlowFile) -> bytes:
    with open(flow.path, "rb", buffering=0) as stream:  # noqa: PTH123  (a third faster)
        beginning = stream.read(_USUAL_FILE)
        if len(beginning) < _USUAL_FILE:
            return beginning
        return beginning + stream.read(LARGEST_FILE + 1 - _USUAL_FILE)


def _packed(reading: Reading, keep_flow: bool) -> tuple[Any, ...]:
    """The reading as plain data, which marshal can carry between processes."""
    flow = reading.flow.packed() if keep_flow and reading.flow is not None else None
    problems = [packed_problem(of) for of in reading.problems]
    rest = (dict(reading.facts), reading.variables)
    return reading.name, reading.file, reading.environments, problems, flow, *rest


def _unpacked(
    name: str,
    file: str,
    environments: tuple[str, ...],
    problems: list[tuple[Any, ...]],
    packed: PackedFlow | None,
    facts: dict[str, Any],
    variables: tuple[str, ...] | None,
) -> Reading:
    flow = None if packed is None else Flow.unpacked(name, file, packed)
    found = tuple(unpacked_problem(*of) for of in problems)
    return Reading(name, file, environments, found, flow, facts, variables)


def packed_problem(of: Problem) -> tuple[Any, ...]:
    """The problem as plain data, which marshal can carry between processes."""
    return of.rule, str(of.severity), of.message, of.file, of.line, of.column, of.path


def unpacked_problem(rule: str, severity: str, *rest: Any) -> Problem:
    return Problem(rule, Severity(severity), *rest)
