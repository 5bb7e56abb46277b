"""The job of a merge: the plan that was reviewed is applied, the lock goes back into git.

What was done is told in the pull request, however the apply ended.
"""

from __future__ import annotations

import shutil
from contextlib import suppress

from mbflow.apply.lock_update import write_lock_of_journal
from mbflow.ci.job import Job, Output, Step, changes_in, worst
from mbflow.ci.lock import LockKeeper
from mbflow.ci.plan import plan_to_apply, tell_request
from mbflow.model.errors import ExitCode
from mbflow.project.git import GitRefusal, git
from mbflow.project.load import read_checkout
from mbflow.project.local_folder import LOCK_FILE

PLAN_FILE, APPLIED = "plan.json", "applied.json"


def apply(job: Job, environment: str, base: str, lock: str) -> int:
    """Apply what the job before has planned, else the reviewed plan, else a new one.

    `lock` is `push`, `propose` or `none`. Returns the exit code.
    """
    folder = job.report.folder(environment)
    planfile = folder / PLAN_FILE
    job.report.output(artifact=f"mbflow-apply-{environment}")
    if not planfile.exists():
        _go_to_newest(job)
        prepared = plan_to_apply(job, environment, base)
        if prepared.code:
            job.report.summarise(prepared.output)
            tell_request(job, environment, prepared.output)
            return prepared.code
    changes = changes_in(planfile)
    job.report.output(plan=str(planfile), changes=changes)
    results = folder / "results.jsonl"
    applied = job.verb(
        "apply",
        str(planfile),
        *("-e", environment, "--results", str(results), "--format", "markdown"),
        output=Output.LOG,
    )
    kept = LockKeeper(job.root, environment, job.branch, job.host).keep(lock)
    with suppress(OSError):
        shutil.copy(job.root / LOCK_FILE, folder / LOCK_FILE)
    told = "\n\n".join(
        filter(None, [applied.output.rstrip() or _NOTHING, kept.text, _advice(applied)])
    )
    job.report.write(folder / "results.md", told)
    job.report.summarise(told)
    if kept.text:
        job.report.say(kept.text)
    if changes:
        tell_request(job, environment, told)
    if applied.code == ExitCode.DONE:
        # It is done with: what is applied next is planned next.
        planfile.replace(folder / APPLIED)
    code = worst(applied.code, kept.code)
    job.report.output(exit_code=code)
    return code


def keep_lock(job: Job, environment: str, lock: str) -> int:
    """After an apply that was killed: what its journal says goes into the lock, that into git."""
    write_lock_of_journal(read_checkout(job.root, environment))
    kept = LockKeeper(job.root, environment, job.branch, job.host).keep(lock)
    if kept.text:
        job.report.say(kept.text)
        job.report.summarise(kept.text)
    return kept.code


_NOTHING = "**The apply did not say what became of it.** The log of the job says more."


def _advice(applied: Step) -> str:
    """A refused plan stays refused: to run the same job again would not help."""
    if applied.code != ExitCode.REFUSED:
        return ""
    return "Run the workflow by hand: it plans anew what is on the branch, to be reviewed there."


def _go_to_newest(job: Job) -> None:
    """A job that waited is not to apply files that the branch has left behind."""
    if not job.event.host or not job.event.branch:
        return
    git(job.root, "fetch", "-q", "origin", f"refs/heads/{job.event.branch}")
    newest = git(job.root, "rev-parse", "FETCH_HEAD").strip()
    if newest == job.commit:
        return
    with suppress(GitRefusal):
        git(job.root, "merge-base", "--is-ancestor", "HEAD", newest)
        git(job.root, "checkout", "-q", "--detach", newest)
        job.report.note(f"{job.event.branch} has moved on: its newest commit is applied.")
