"""The plan as a document: JSON out and JSON in, with a digest of itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from mbflow.flow.edits import Edit
from mbflow.model.flow import Json
from mbflow.model.paths import read_path
from mbflow.model.problem import Problem, Severity, problem_json
from mbflow.model.text import Command
from mbflow.plan.calls import calls_json, calls_of_changes
from mbflow.plan.model import (
    BranchCoverage,
    CalendarAt,
    Cause,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    NumberChange,
    NumberFlow,
    Plan,
    Preconditions,
    Summary,
)
from mbflow.project.git import Branch

FORMAT_VERSION = 1
_CREATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class PlanFormatError(ValueError):
    """The document is not a plan that this version reads; the text says why."""


def plan_json(plan: Plan) -> dict[str, Json]:
    """The document of `plan --format json` and of `--out`, with a digest of itself."""
    document: dict[str, Json] = {
        "format_version": FORMAT_VERSION,
        "id": plan.id,
        "project": plan.project,
        "environment": plan.environment,
        "endpoint": plan.endpoint,
        "root": plan.root,
        "commit": plan.commit or None,
        "created": plan.created,
        "summary": {f.name: getattr(plan.summary, f.name) for f in fields(Summary)},
        "changes": [
            {**_change_json(change), "calls": calls_json(calls)}
            for change, calls in calls_of_changes(plan.changes, plan.options)
        ],
        "numbers": [_number_json(change) for change in plan.numbers],
        "calendars": [one._asdict() for one in plan.calendars],
        "problems": [problem_json(problem) for problem in plan.problems],
        "notes": list(plan.notes),
        "inputs": dict(plan.inputs),
        "secrets": dict(plan.secrets),
        "allowed": list(plan.allowed),
        "owned": plan.owned,
        "options": dict(plan.options),
    }
    document["digest"] = document_digest(document)
    return document


def document_digest(document: Mapping[str, Json]) -> str:
    """SHA-256 of the document without its own `digest`."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def read_plan(document: Json) -> Plan:
    """The plan in a document that matches `schemas/plan.schema.json`.

    Raises PlanFormatError for another format version and for a digest that does not fit.
    """
    if not isinstance(document, dict) or "format_version" not in document:
        raise PlanFormatError("it is not a plan that mbflow wrote")
    if document["format_version"] != FORMAT_VERSION:
        raise PlanFormatError("it was written by another version of mbflow: make a new plan")
    if document.get("digest") != document_digest(document):
        raise PlanFormatError("it was changed after it was written")
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlanFormatError("parts of it are missing or of the wrong kind") from error


def branch_json(branch: Branch) -> dict[str, Json]:
    """What git said of the base, in a form that `read_branch` reads."""
    return {
        "base": branch.base,
        "commit": branch.commit,
        "tip": branch.tip,
        "deleted": [*sorted(branch.deleted)],
        "theirs": [*sorted(branch.theirs)],
    }


def read_branch(document: Json) -> Branch | None:
    """The branch in the options of a plan; None where it was planned without a base."""
    if not isinstance(document, dict):
        return None
    deleted, theirs = (document.get(name) for name in ("deleted", "theirs"))
    return Branch(
        base=str(document.get("base", "")),
        commit=str(document.get("commit", "")),
        tip=str(document.get("tip", "")),
        deleted=frozenset(map(str, deleted)) if isinstance(deleted, list) else frozenset(),
        theirs=frozenset(map(str, theirs)) if isinstance(theirs, list) else frozenset(),
    )


def _change_json(change: Change) -> dict[str, Json]:
    return {
        "flow": change.name,
        "file": change.file,
        "former_file": change.former_file or None,
        "cause": change.cause and change.cause.value,
        "action": change.action.value,
        "id": change.id or None,
        "title": change.title,
        "was": change.was or None,
        "before": change.before,
        "after": change.after,
        "edits": [edit_json(edit) for edit in change.edits],
        "hazards": [_hazard_json(hazard) for hazard in change.hazards],
        "preconditions": {
            "id": change.preconditions.id,
            "updatedAt": change.preconditions.updated_at,
            "digest": change.preconditions.digest,
        },
        "digest": change.digest,
        "numbers": list(change.numbers),
        "base_known": change.base_known,
        "declared": change.declared,
        "coverage": None if change.coverage is None else _coverage_json(change.coverage),
    }


def _coverage_json(coverage: BranchCoverage) -> dict[str, Json]:
    return {**coverage._asdict(), "file": coverage.file or None, "named": [*coverage.named]}


def _hazard_json(hazard: Hazard) -> dict[str, Json]:
    return {
        "kind": hazard.kind.value,
        "text": hazard.text,
        "command": list(hazard.command.words) if hazard.command else None,
        "needs_allow": hazard.needs_allow,
        "code": hazard.code,
    }


def _number_json(change: NumberChange) -> dict[str, Json]:
    """`from` and `to` are names, or ids of live flows without one; `from` is null for nowhere."""
    to, former = change.to, change.former or NumberFlow("", "", "")
    return {
        "number": change.number,
        "file": change.file,
        "cause": change.cause and change.cause.value,
        "from": former.label or None,
        "from_id": former.id or None,
        "from_title": former.title,
        "to": to.label,
        "to_id": to.id or None,
        "to_title": to.title,
        "calendar": change.calendar or None,
        "state": change.state or None,
        "hazards": [_hazard_json(hazard) for hazard in change.hazards],
    }


def edit_json(edit: Edit) -> dict[str, Json]:
    """One edit; steps count from 0."""
    return {
        "kind": edit.kind,
        "from": edit.live,
        "to": edit.desired,
        "path": edit.path,
        "before": edit.before,
        "after": edit.after,
        "text": edit.text,
        "needs_diff": edit.needs_diff,
    }


def _read(document: dict[str, Any]) -> Plan:
    return Plan(
        id=document["id"],
        project=document["project"],
        environment=document["environment"],
        endpoint=document["endpoint"],
        created=_moment(document["created"]),
        summary=Summary(**document["summary"]),
        changes=tuple(_read_change(change) for change in document["changes"]),
        numbers=tuple(_read_number(change) for change in document["numbers"]),
        calendars=tuple(CalendarAt(**calendar) for calendar in document["calendars"]),
        problems=tuple(_read_problem(problem) for problem in document["problems"]),
        notes=tuple(document["notes"]),
        inputs=document["inputs"],
        secrets=document["secrets"],
        allowed=tuple(document["allowed"]),
        owned=document["owned"],
        options=document["options"],
        root=document["root"],
        commit=document["commit"] or "",
        calls=tuple(change["calls"] for change in document["changes"]),
    )


def _moment(text: str) -> str:
    """The text, if it is one that `created` can be. Raises ValueError."""
    if not _CREATED.fullmatch(text):
        raise ValueError(text)
    datetime.fromisoformat(text)
    return text


def _read_change(change: dict[str, Any]) -> Change:
    conditions = change["preconditions"]
    return Change(
        name=change["flow"],
        action=ChangeKind(change["action"]),
        id=change["id"] or "",
        title=change["title"],
        was=change["was"] or "",
        before=change["before"],
        after=change["after"],
        edits=tuple(_read_edit(edit) for edit in change["edits"]),
        hazards=tuple(map(_read_hazard, change["hazards"])),
        preconditions=Preconditions(
            conditions["id"], conditions["updatedAt"], conditions["digest"]
        ),
        digest=change["digest"],
        numbers=tuple(change["numbers"]),
        base_known=change["base_known"],
        declared=change["declared"],
        file=change["file"],
        former_file=change["former_file"] or "",
        cause=_read_cause(change),
        coverage=None if change["coverage"] is None else _read_coverage(change["coverage"]),
    )


def _read_coverage(told: dict[str, Any]) -> BranchCoverage:
    named = tuple(told["named"])
    return BranchCoverage(told["file"] or "", told["branches"], told["missed"], named)


def _read_cause(change: dict[str, Any]) -> Cause | None:
    return None if change["cause"] is None else Cause(change["cause"])


def _read_number(change: dict[str, Any]) -> NumberChange:
    return NumberChange(
        number=change["number"],
        to=_read_flow(change, "to"),
        former=_read_flow(change, "from") if change["from"] is not None else None,
        hazards=tuple(map(_read_hazard, change["hazards"])),
        calendar=change["calendar"] or "",
        state=change["state"] or "",
        file=change["file"],
        cause=_read_cause(change),
    )


def _read_flow(change: dict[str, Any], end: str) -> NumberFlow:
    label, flow_id, title = change[end], change[f"{end}_id"] or "", change[f"{end}_title"]
    return NumberFlow("" if label == flow_id else label, flow_id, title)


def _read_hazard(hazard: dict[str, Any]) -> Hazard:
    words = hazard["command"]
    merges = words and words[:2] == ["git", "merge"] and len(words) == 3 and words[2][:1] != "-"
    if words and words[0] != "mbflow" and not merges:  # people copy it
        raise ValueError("the command is of another program")
    command = Command(*words) if words else None
    kind, needs_allow = HazardKind(hazard["kind"]), hazard["needs_allow"]
    return Hazard(kind, hazard["text"], needs_allow, command, hazard["code"])


def _read_edit(edit: dict[str, Any]) -> Edit:
    return Edit(
        kind=edit["kind"],
        text=edit["text"],
        live=edit["from"],
        desired=edit["to"],
        path=edit["path"],
        before=edit["before"],
        after=edit["after"],
        needs_diff=edit["needs_diff"],
    )


def _read_problem(problem: dict[str, Any]) -> Problem:
    rest = {name: problem[name] for name in ("rule", "message", "file", "line", "column")}
    severity = Severity(problem["severity"])
    return Problem(severity=severity, path=read_path(problem["path"]), **rest)
