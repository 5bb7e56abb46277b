"""The way back: from what was live before to an ordinary plan.

Takes a saved plan, a results file or a snapshot; makes flows of the bodies in it. The plan that
follows is shown, approved and applied like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mbflow.errors import Error, RefusedError
from mbflow.files.checkout import Checkout
from mbflow.files.plans import read_plan_file
from mbflow.journal import read_lines
from mbflow.model import Body, Flow, Json, Settings
from mbflow.plan.cleaning import clean_body
from mbflow.plan.secrets import OLDER, reveal
from mbflow.planning.recovery import journal_path

LAST = "last"


@dataclass(frozen=True, slots=True)
class Former:
    """One flow as it was before a change; `before` is None where there was none."""

    key: str
    before: Body | None
    was: str = ""
    """The key it had before, where it was moved."""
    numbers: tuple[str, ...] = ()
    """Numbers that led to it when it was deleted."""


def former_flows(checkout: Checkout, source: str) -> list[Former]:
    """What was live before the changes of a plan, a results file, a snapshot, or the last apply.

    Of several records of a key the first counts. Raises Error where the source cannot be used.
    """
    path = _last_snapshot(checkout) if source == LAST else Path(source)
    lines = read_lines(path)
    if not any("key" in line or "results" in line for line in lines):
        plan = read_plan_file(path)
        _check_place(checkout, plan.project, plan.environment)
        return [
            Former(change.key, change.before, change.was, change.numbers) for change in plan.changes
        ]
    for line in lines:
        if "results" in line:
            _check_place(checkout, str(line.get("project")), str(line.get("environment")))
    found: dict[str, Former] = {}
    for line in lines:
        if "key" in line and line.get("status", "done") in ("done", "unknown", "failed"):
            former = _former(line)
            found.setdefault(former.key, former)
    return list(found.values())


def as_before(checkout: Checkout, formers: Sequence[Former]) -> Checkout:
    """The checkout with its files' flows replaced by those that were live before.

    Problems of the files are left out: they are not what is applied. Raises RefusedError where a
    body holds a secret that is not known here any more.
    """
    gone = {former.key for former in formers}
    flows = {key: flow for key, flow in checkout.flows.items() if key not in gone}
    for former in formers:
        if former.before is not None:
            key = former.was or former.key
            settings = Settings(was=former.key) if former.was else _settings(checkout, key)
            body = _revealed(former, checkout.secrets)
            flows[key] = Flow(key, f"(before) {key}", body, body, settings)
    return replace(checkout, flows=flows, problems=())


def keys_of(formers: Iterable[Former]) -> tuple[str, ...]:
    """Keys that the way back touches: the targets of its plan."""
    return tuple(dict.fromkeys(name for f in formers for name in (f.was or f.key, f.key)))


def _settings(checkout: Checkout, key: str) -> Settings:
    flow = checkout.flows.get(key)
    return flow.settings if flow is not None else Settings()


def _former(line: Mapping[str, Json]) -> Former:
    before, was, numbers = line.get("before"), line.get("was"), line.get("numbers")
    return Former(
        key=str(line["key"]),
        before=before if isinstance(before, dict) else None,
        was=was if isinstance(was, str) else "",
        numbers=tuple(str(n) for n in numbers) if isinstance(numbers, list) else (),
    )


def _revealed(former: Former, secrets: Mapping[str, str]) -> Body:
    assert former.before is not None
    if OLDER in str(former.before):
        raise RefusedError(
            f"{former.key} held an older secret, which was not written down: it cannot be brought "
            "back from here.",
            "Set the variable to its former value, and apply the commit from before.",
        )
    before = clean_body(former.before)
    try:
        # Without secrets nothing was hidden: the text is sent as it is, once it names no secret.
        body = reveal(before, secrets) if secrets else before
        reveal(before, secrets)
    except KeyError as error:
        raise RefusedError(
            f"{former.key} held the secret ${{{error.args[0]}}}, which is not set here."
        ) from error
    assert isinstance(body, dict)
    return body


def _check_place(checkout: Checkout, project: str, environment: str) -> None:
    here = (checkout.project.name, checkout.environment.name)
    if (project, environment) != here:
        raise RefusedError(
            f"That was done in the environment {environment} of {project}, and this is {here[1]} "
            f"of {here[0]}."
        )


def _age(snapshot: Path) -> tuple[str, int]:
    """The second in its name, then when it was written: two applies may share a second."""
    return snapshot.name.partition("-")[0], snapshot.stat().st_mtime_ns


def _last_snapshot(checkout: Checkout) -> Path:
    folder = journal_path(checkout).parent / "snapshots"
    snapshots = sorted(folder.glob("*.jsonl"), key=_age)
    if not snapshots:
        raise Error(
            "No apply of this checkout has left a snapshot.",
            "Use the results file of the run that made the change:",
            "    mbflow rollback results.jsonl",
        )
    return snapshots[-1]
