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


def former_flows(
    checkout: Checkout, source: str, *, tell: Callable[[Line], None] = lambda line: None
) -> list[Former]:
    """What was live before the changes of a plan, a results file, a snapshot, or the last apply.

    Of several records of a name the first counts. `tell` is given a line on what cannot be read of
    the source. Raises Error where the source cannot be used.
    """
    path = _last_snapshot(checkout) if source == LAST else Path(source)
    found: dict[str, Former] = {}
    for former in _formers(checkout, path, tell):
        found.setdefault(former.name, former)
    if not found:
        raise Error(
            f"{path} holds no change that was made, so there is nothing to take back.",
            "Nothing was done.",
        )
    return list(found.values())


def _formers(checkout: Checkout, path: Path, tell: Callable[[Line], None]) -> Iterator[Former]:
    lines = read_lines(path)
    heads = [line for line in lines if "results" in line]
    records = [line for line in lines if "flow" in line]
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
            yield _checked(_former(line), line.get("action"), path)


def _planned(checkout: Checkout, path: Path) -> Iterator[Former]:
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
        former = Former(
            change.name, change.before, change.was, change.numbers, change.is_of_protected
        )
        yield _checked(former, change.action.value, path)


def _tell_of_torn(path: Path, tell: Callable[[Line], None]) -> None:
    """A result is written after its change; where the disk was full, the change was made."""
    torn = torn_lines(path)
    if torn:
        numbers = listed_shortly([*map(str, torn)])
        tell(f"{path} is damaged (line {numbers}): what stood there is not taken back.")
        tell("What still differs from the files after this:")
        tell(Command("mbflow", "plan"))


def as_before(checkout: Checkout, formers: Sequence[Former]) -> Checkout:
    """The checkout with its files' flows replaced by those that were live before.

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
    # What is deleted is what the apply made: no sign of a wrong branch.
    return replace(checkout, flows=flows, problems=(), has_files=True, terms=None)


def names_of(formers: Iterable[Former]) -> tuple[str, ...]:
    """Names that the way back touches: the targets of its plan."""
    return tuple(dict.fromkeys(name for f in formers for name in (f.was or f.name, f.name)))


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


def _former(line: Mapping[str, Json]) -> Former:
    before, was, numbers = line.get("before"), line.get("was"), line.get("numbers")
    return Former(
        name=str(line["flow"]),
        before=SafeBody(before) if isinstance(before, dict) else None,
        was=was if isinstance(was, str) else "",
        numbers=tuple(str(n) for n in numbers) if isinstance(numbers, list) else (),
        protect=line.get("protect") is True,
    )


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
