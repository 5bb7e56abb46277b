"""Call files on disk: found, read, and their snapshots beside them.

A call file `NAME.calls.yaml` tests the flow `NAME.yaml`; `NAME.calls.txt` is its snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mbflow.model.errors import Error
from mbflow.model.flow import Path as Place
from mbflow.model.flow import SafeBody
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.project import Environment
from mbflow.model.text import printable, shortened
from mbflow.project.discover import SUFFIX, CallFile, leads_within
from mbflow.project.source import NotText, text_of
from mbflow.project.whole_file import replace_file
from mbflow.project.yaml.document import Document, read_yaml
from mbflow.project.yaml.parser import LARGEST_FILE
from mbflow.testing.call import ExpectedCall
from mbflow.testing.call_document import ParsedCalls, parse_calls
from mbflow.testing.transcript_text import blocks_of

RULE = "call-file"


@dataclass(frozen=True, slots=True)
class CallFileReading:
    """A call file that was read: its calls, or everything wrong with it."""

    where: CallFile
    calls: tuple[ExpectedCall, ...] = ()
    problems: tuple[Problem, ...] = ()
    document: Document | None = field(default=None, repr=False)

    def problem(self, message: str, path: Place, severity: Severity = Severity.ERROR) -> Problem:
        """A problem at a place of the file."""
        found = Problem(RULE, severity, message, self.where.file, path=path)
        if self.document is None or not path:
            return found
        return found.at(self.where.file, *self.document.place(path))

    def line_of(self, call: ExpectedCall) -> int:
        return self.document.place(("calls", call.place))[0] if self.document is not None else 0


def read_calls(
    where: CallFile,
    environments: Mapping[str, Environment],
    defaults: Sequence[str],
    unset: Severity = Severity.ERROR,
) -> Iterator[CallFileReading]:
    """The calls of a file once for each of the `defaults`: with the variables of that environment.

    A call that names its environment takes those of that one. `unset` is what a variable without
    a value is.
    """
    try:
        with where.path.open("rb") as stream:
            source = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        unreadable = Problem("file-unreadable", Severity.ERROR, message, where.file)
        yield from (CallFileReading(where, problems=(unreadable,)) for _ in defaults)
        return
    document = read_yaml(source)
    odd = tuple(replace(problem, file=where.file) for problem in document.problems)
    for default in defaults:
        if has_errors(odd):
            yield CallFileReading(where, problems=odd)
        else:
            parsed = parse_calls(document.data, environments, default, document.source_text, unset)
            yield _placed(where, parsed, document, odd)


def _placed(
    where: CallFile, parsed: ParsedCalls, document: Document, odd: Iterable[Problem]
) -> CallFileReading:
    problems = [*odd]
    for mistake in parsed.mistakes:
        place = document.place(mistake.path, key=mistake.at_key)
        problem = Problem(RULE, Severity.ERROR, mistake.message, path=mistake.path)
        problems.append(problem.at(where.file, *place))
    for problem in parsed.problems:
        problems.append(problem.at(where.file, *document.place(problem.path)))
    return CallFileReading(where, parsed.calls, tuple(problems), document)


def read_reply(name: str, beside: CallFile, root: Path) -> SafeBody | str:
    """A flow that a web server gives, from a YAML or JSON file; or what is wrong with it."""
    path = beside.path.parent / name
    if "\0" in name or not leads_within(path, root):
        return "This file lies outside the project. Put it beside the call file."
    if path.exists() and not path.is_file():
        return "This is not a regular file."
    try:
        with path.open("rb") as stream:
            document = read_yaml(stream.read(LARGEST_FILE + 1))
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."
    wrong = [problem for problem in document.problems if problem.severity is Severity.ERROR]
    if wrong:
        return f"Line {wrong[0].line} of that file: {wrong[0].message}"
    if not isinstance(document.data, dict) or not isinstance(document.data.get("steps"), list):
        return 'That file holds no call flow: there is no list under "steps".'
    return SafeBody(document.data)


def is_file_name(fetched: str) -> bool:
    """Whether `world.fetches` names a file, rather than the name of a flow."""
    return fetched.endswith((SUFFIX, ".json"))


def read_snapshot(where: CallFile) -> str | None:
    """The snapshot beside a call file, or None where there is none: a link is none."""
    if where.snapshot.is_symlink():
        return None
    try:
        return text_of(where.snapshot.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, NotText) as error:
        raise Error(f"{where.snapshot_file} cannot be read.", _reason(error)) from error


def stale_calls(read: CallFileReading, snapshot: str) -> list[Problem]:
    """What the snapshot still holds of calls that the file has no more."""
    if has_errors(read.problems):
        return []
    known = {printable(call.name) for call in read.calls}
    found = "It holds a call that the call file no longer has: "
    return [
        Problem(
            RULE,
            Severity.WARNING,
            f'{found}"{shortened(name, 60)}". Run mbflow test --update.',
            read.where.snapshot_file,
        )
        for name in blocks_of(snapshot)
        if name not in known
    ]


def write_snapshot(where: CallFile, text: str) -> None:
    """Put the snapshot beside its call file, whole or not at all, in the place of a link too."""
    try:
        replace_file(where.snapshot, text.encode("utf-8"))
    except OSError as error:
        raise Error(f"{where.snapshot_file} cannot be written.", _reason(error)) from error


def _reason(error: OSError | NotText) -> str:
    return error.strerror or "" if isinstance(error, OSError) else error.message
