"""The way back: from what was live before to an ordinary plan.

Takes a saved plan, a results file or a snapshot; makes flows of the bodies in it. The plan that
follows is shown, approved and applied like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mbflow.api.http import json_bytes
from mbflow.apply.clean_body import clean_body
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import Flow, Json, LockEntry, RawBody, SafeBody, Settings
from mbflow.model.route import Route, is_number
from mbflow.model.text import Command, Line, listed_shortly
from mbflow.plan.model import ChangeKind
from mbflow.plan.planfile import read_plan_file
from mbflow.plan.secrets import OLDER, hide_body, reveal
from mbflow.project.discover import is_name
from mbflow.project.load import Checkout
from mbflow.state.journal import journal_path
from mbflow.state.lock import lock_path, read_lock
from mbflow.state.records import read_lines, torn_lines
from mbflow.state.snapshots import last_snapshot

LAST = "last"
_AS_WRITTEN = "Use the saved plan, the results file or the snapshot as mbflow wrote it."


@dataclass(frozen=True, slots=True)
class Former:
    """One flow as it was before a change; `before` is None where there was none."""

    name: str
    before: SafeBody | None
    was: str = ""
    """The name it had before, where it was moved."""
    numbers: tuple[str, ...] = ()
    """Numbers that led to it when it was deleted."""
    protect: bool = False
    """It was protected when it was deleted."""


@dataclass(frozen=True, slots=True)
class FormerNumber:
    """Where one number led before it was led to another flow."""

    number: str
    flow: str
    """Its name, or its live id where it had none; empty for nowhere."""
    id: str


def former_state(
    checkout: Checkout, source: str, *, tell: Callable[[Line], None] = lambda line: None
) -> tuple[list[Former], list[FormerNumber]]:
    """What was live before the changes of a plan, a results file, a snapshot, or the last apply.

    Of several records of a name, or a number, the first counts. A number that led to a flow when
    that was deleted led there. `tell` is given a line on what cannot be read of the source. Raises
    Error where the source cannot be used.
    """
    path = _last_snapshot(checkout) if source == LAST else Path(source)
    flows: dict[str, Former] = {}
    numbers: dict[str, FormerNumber] = {}
    for former in _formers(checkout, path, tell):
        if isinstance(former, FormerNumber):
            numbers.setdefault(former.number, former)
        else:
            flows.setdefault(former.name, former)
    if not flows and not numbers:
        raise Error(
            f"{path} holds no change that was made, so there is nothing to take back.",
            "Nothing was done.",
        )
    for gone in flows.values():
        for number in gone.numbers:
            numbers.setdefault(number, FormerNumber(number, gone.name, ""))
    return list(flows.values()), list(numbers.values())


def _formers(
    checkout: Checkout, path: Path, tell: Callable[[Line], None]
) -> Iterator[Former | FormerNumber]:
    lines = read_lines(path)
    heads = [line for line in lines if "results" in line]
    records = [line for line in lines if "flow" in line or "number" in line]
    if not heads and not records:
        yield from _planned(checkout, path)
    elif heads:
        for line in heads:
            _check_place(checkout, str(line.get("project")), str(line.get("environment")))
        _tell_of_torn(path, tell)
    elif any("status" in line for line in records):
        raise _not_a_record(path, "the line that says where it was done is missing")
    for line in records:
        if line.get("status", "done") in ("done", "unknown", "failed"):
            if "flow" in line:
                yield _checked(_former(line, path), line.get("action"), path)
            else:
                yield _former_number(line, path)


def _planned(checkout: Checkout, path: Path) -> Iterator[Former | FormerNumber]:
    try:
        plan = read_plan_file(path)
    except RefusedError as error:
        raise RefusedError(
            f"{path} cannot be taken back: it holds neither results nor a snapshot.",
            error.summary,
            _AS_WRITTEN,
        ) from error
    _check_place(checkout, plan.project, plan.environment)
    for change in plan.changes:
        is_delete = change.action is ChangeKind.DELETE
        numbers = change.numbers if is_delete else ()
        former = Former(change.name, change.before, change.was, numbers, change.is_of_protected)
        yield _checked(former, change.action.value, path)
    for lead in plan.numbers:
        flow = lead.former
        yield FormerNumber(lead.number, flow.label if flow else "", flow.id if flow else "")


def _tell_of_torn(path: Path, tell: Callable[[Line], None]) -> None:
    """A result is written after its change; where the disk was full, the change was made."""
    torn = torn_lines(path)
    if torn:
        numbers = listed_shortly([*map(str, torn)])
        tell(f"{path} is damaged (line {numbers}): what stood there is not taken back.")
        tell("What still differs from the files after this:")
        tell(Command("mbflow", "plan"))


def as_before(
    checkout: Checkout, formers: Sequence[Former], numbers: Sequence[FormerNumber] = ()
) -> Checkout:
    """The checkout with its files' flows and routes replaced by those that were live before.

    Problems of the files are left out: they are not what is applied. Raises RefusedError where a
    body holds a secret that is not known here any more.
    """
    gone = {former.name for former in formers}
    flows = {name: flow for name, flow in checkout.flows.items() if name not in gone}
    locked = _locked(checkout)
    for former in formers:
        if former.before is not None:
            name = former.was or former.name
            settings = Settings(was=former.name) if former.was else _settings(checkout, name)
            entry = locked.get(former.name)
            # The file that says so may be gone.
            if former.protect or (entry is not None and entry.protect):
                settings = replace(settings, protect=True)
            raw = _revealed(former, checkout.secrets)
            body = hide_body(raw, checkout.secrets)
            flows[name] = Flow(name, f"(before) {name}", raw, body, settings)
    routes = {
        one.number: Route(one.flow if one.flow in flows else one.id)
        for one in numbers
        if one.flow in flows or one.id
    }
    environment = checkout.environment._replace(numbers=routes)
    # What is deleted is what the apply made: no sign of a wrong branch.
    return replace(
        checkout, flows=flows, environment=environment, problems=(), has_files=True, terms=None
    )


def names_of(formers: Iterable[Former], numbers: Iterable[FormerNumber] = ()) -> tuple[str, ...]:
    """Names and numbers that the way back touches: the targets of its plan."""
    names = [name for former in formers for name in (former.was or former.name, former.name)]
    return tuple(dict.fromkeys([*names, *(one.number for one in numbers)]))


def unlike_files(checkout: Checkout, before: Checkout, names: Iterable[str]) -> list[str]:
    """Those of the names for which the files want another flow than what was live before."""
    return [
        name
        for name in names
        if name in checkout.broken
        or _differ(checkout.flows.get(name), before.flows.get(name), checkout.secrets)
    ]


def _differ(file: Flow | None, former: Flow | None, secrets: Mapping[str, str]) -> bool:
    if file is None or former is None:
        return file is not former
    return not is_alike(Form(hide_body(file.raw, secrets)), Form(former.body))


def _locked(checkout: Checkout) -> Mapping[str, LockEntry]:
    environment = checkout.environment
    path = lock_path(checkout.root, environment.name, embedded=environment.is_embedded)
    return read_lock(path).of(environment.name)


def _settings(checkout: Checkout, name: str) -> Settings:
    flow = checkout.flows.get(name)
    return flow.settings if flow is not None else Settings()


def _former(line: Mapping[str, Json], path: Path) -> Former:
    before, was = line.get("before"), line.get("was")
    numbers = line.get("numbers") if line.get("action") == ChangeKind.DELETE else ()
    return Former(
        name=str(line["flow"]),
        before=SafeBody(before) if isinstance(before, dict) else None,
        was=was if isinstance(was, str) else "",
        numbers=tuple(_number(n, path) for n in numbers) if isinstance(numbers, list) else (),
        protect=line.get("protect") is True,
    )


def _former_number(line: Mapping[str, Json], path: Path) -> FormerNumber:
    number, flow, flow_id = (line.get(name) or "" for name in ("number", "from", "from_id"))
    if not isinstance(flow, str) or not isinstance(flow_id, str):
        raise _not_a_record(path, "it does not say where a number led")
    return FormerNumber(_number(number, path), flow, flow_id)


def _number(stated: Json, path: Path) -> str:
    """The digits, if it is a telephone number: it is sent, and shown."""
    digits = stated.lstrip("+") if isinstance(stated, str) else ""
    if not is_number(digits):
        raise _not_a_record(path, "what it names cannot be a telephone number")
    return digits


def _checked(former: Former, action: Json, path: Path) -> Former:
    """The record of a stranger is data: what cannot be a flow that was live is refused, unsent."""
    names = [former.name, *([former.was] if former.was else [])]
    if not all(map(is_name, names)):
        raise _not_a_record(path, "what it names cannot be a flow's name")
    if former.before is None and action != ChangeKind.CREATE:
        raise _not_a_record(path, f"it does not say what {former.name} was")
    if former.before is not None and not _could_be_live(former.before):
        raise _not_a_record(path, f"what it holds for {former.name} is no call flow")
    return former


def _could_be_live(body: SafeBody) -> bool:
    steps = body.get("steps")
    try:
        json_bytes(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(steps, list) and all(isinstance(step, dict) for step in steps)


def _not_a_record(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"{path} cannot be taken back: {why}.",
        _AS_WRITTEN,
    )


def _revealed(former: Former, secrets: Mapping[str, str]) -> RawBody:
    assert former.before is not None
    if OLDER in str(former.before):
        raise RefusedError(
            f"{former.name} held an older secret, which was not written down: it cannot be brought "
            "back from here.",
            "Set the variable to its former value, and apply the commit from before.",
        )
    before = clean_body(Form(former.before))
    try:
        # Without secrets nothing was hidden: the text is sent as it is, once it names no secret.
        body = reveal(before, secrets) if secrets else before
        reveal(before, secrets)
    except KeyError as error:
        raise RefusedError(
            f"{former.name} held the secret ${{{error.args[0]}}}, which is not set here."
        ) from error
    assert isinstance(body, dict)
    # Said, and not left out: a flow that was not the default gives back what it took over.
    gives_back = former.before.get("default") is False
    return RawBody({**body, "default": False} if gives_back else body)


def _check_place(checkout: Checkout, project: str, environment: str) -> None:
    here = (checkout.project.name, checkout.environment.name)
    if (project, environment) != here:
        raise RefusedError(
            f"That was done in the environment {environment} of {project}, and this is {here[1]} "
            f"of {here[0]}."
        )


def _last_snapshot(checkout: Checkout) -> Path:
    snapshot = last_snapshot(journal_path(checkout).parent)
    if snapshot is None:
        raise Error(
            "No apply in this folder has left a snapshot.",
            "Use the results file of the run that made the change:",
            Command("mbflow", "rollback", "results.jsonl"),
        )
    return snapshot
