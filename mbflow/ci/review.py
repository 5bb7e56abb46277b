"""The plan that was reviewed in a pull request or merge request, for the files that were merged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from mbflow.model.errors import Error

if TYPE_CHECKING:
    from mbflow.ci.job import Job


class Reviewed(NamedTuple):
    text: str
    where: str
    """`pull request #12`."""


def reviewed_plan(job: Job, environment: str) -> Reviewed | None:
    """The plan that the last job of the request kept, if the merged files are the planned ones.

    None where there is none: the branch had moved on, the files are kept no longer, or nobody can
    be asked, which is noted.
    """
    if job.host is None or not job.tree:
        return None
    try:
        request = job.host.merged(job.commit)
        if request is None:
            return None
        content = job.host.plan_of(request, environment, job.tree)
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
    return Reviewed(text, where)


def _is_plain(text: str) -> bool:
    """Whoever may push a branch decides what its job keeps: only git acknowledges anything here."""
    try:
        document = json.loads(text)
    except ValueError:
        return False
    options = document.get("options") if isinstance(document, dict) else None
    if not isinstance(options, dict) or document.get("allowed"):
        return False
    return not options.get("targets") and options.get("match_title") is not True
