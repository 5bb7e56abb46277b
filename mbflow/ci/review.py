"""What was reviewed: the plan of a pull request, for the files that were merged; or nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mbflow.apply.approve import Consent, missing
from mbflow.ci.host import Place
from mbflow.ci.job import Job, Step
from mbflow.model.errors import Error, ExitCode, Stop
from mbflow.plan.document import PlanFormatError, read_plan
from mbflow.plan.hazards import AChange
from mbflow.plan.model import AnyChange, NumberChange
from mbflow.plan.planfile import read_plan_file
from mbflow.schema.validator import is_valid
from mbflow.views.problems import stop_markdown


class Reviewed(NamedTuple):
    text: str
    where: str
    """`pull request #12`."""


def reviewed_plan(job: Job, environment: str, fresh: Path) -> Reviewed | None:
    """The plan that the last job of the request kept, if the merged files are the planned ones.

    None where there is none: the branch had moved on, the files are kept no longer, or nobody can
    be asked, or where `fresh`, a plan made here with the true base, shows more of its changes.
    That is noted.
    """
    if job.host is None or not job.tree:
        return None
    try:
        request = job.host.merged(job.commit)
        if request is None:
            return None
        content = job.host.plan_of(request, environment, Place(job.folder, job.tree))
    except Error as error:
        job.report.note(f"The plan that was reviewed could not be read: {error.reason}")
        return None
    where = f"{job.host.noun} #{request.number}"
    if content is None:
        job.report.note(f"No plan of these very files was kept in {where}: this one is new.")
        return None
    text = content.decode("utf-8", "replace")
    if not _is_plain(text):
        job.report.note(f"The plan of {where} acknowledges what git does not: this one is new.")
        return None
    if not _bears_out(fresh, text):
        job.report.note(f"The plan of {where} does not show what is shown now: this one is new.")
        return None
    return Reviewed(text, where)


def _bears_out(fresh: Path, text: str) -> bool:
    """Whether the fresh plan has the same changes, without a hazard that the text does not tell.

    A change that is not there any more is done; one that only the fresh plan has is left alone.
    """
    document = json.loads(text)
    if not is_valid("plan", document) or not _is_plain(fresh.read_text("utf-8")):
        return False
    try:
        reviewed = read_plan(document)
    except PlanFormatError:
        return False
    shown = {(type(one), one.name): one for one in reviewed.everything}
    present = [(shown.get((type(one), one.name)), one) for one in read_plan_file(fresh).everything]
    return all(_tells(told, now) for told, now in present if told is not None)


def _tells(told: AnyChange, now: AnyChange) -> bool:
    hazards = {(hazard.kind, hazard.needs_allow) for hazard in told.hazards}
    more = [h for h in now.hazards if not {(h.kind, h.needs_allow), (h.kind, True)} & hazards]
    return _change(told) == _change(now) and not more


def _change(one: AnyChange) -> tuple[object, ...]:
    if isinstance(one, NumberChange):
        return one.to.label, one.former and one.former.id
    return one.action, one.id, one.digest, one.preconditions.digest, one.declared


def unseen(planfile: Path) -> Step | None:
    """The refusal of a new plan that nobody will look at; None where none of it needs a look.

    A saved plan counts as reviewed to `mbflow apply`. This one was made after the review, so that
    all hazards and deletes are refused that git does not acknowledge, as with --auto-approve.
    """
    plan = read_plan_file(planfile)
    found = missing(
        replace(
            plan,
            changes=tuple(map(_without_acknowledged, plan.changes)),
            numbers=tuple(map(_without_acknowledged, plan.numbers)),
        ),
        Consent(reviewed=False),
        has_flow_files=True,
    )
    if not found:
        return None
    why = "This plan was made after the review, and nobody has looked at:"
    details = (why, *(f"  {one.text}" for one in found), *_WAYS)
    summary = "Not applied: the plan holds what has to be reviewed."
    stop = Stop(ExitCode.REFUSED, summary, details)
    return Step(ExitCode.REFUSED, stop_markdown(stop))


_WAYS = (
    "Bring outside edits into the files (mbflow import). Or open a request with the newest commit "
    "of the branch: its plan shows them, and merging it applies just that plan.",
    "In GitHub, required reviewers of the environment see the new plan before it is applied.",
)


def _without_acknowledged(change: AChange) -> AChange:
    """In git: a hazard with a code that needs no --allow any more."""
    left = tuple(h for h in change.hazards if h.needs_allow or not h.code)
    return replace(change, hazards=left)


def _is_plain(text: str) -> bool:
    """Whoever may push a branch decides what its job keeps: only git acknowledges anything here."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    options = document.get("options") if isinstance(document, dict) else None
    if not isinstance(options, dict) or document.get("allowed"):
        return False
    branch = options.get("branch")
    if not isinstance(branch, dict) or not branch.get("commit"):
        return False  # Without a base nobody was told of changes that are not the branch's.
    return not options.get("targets") and options.get("match_title") is not True
