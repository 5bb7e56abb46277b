"""The job of a schedule: one issue while live is not what git says, closed when it is again."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.ci.job import Job, Output, worst
from mbflow.ci.posts import close_issue, keep_issue, with_marker
from mbflow.model.errors import ExitCode


def drift(job: Job, environments: Sequence[str]) -> int:
    """Plan each environment. Returns 2 where something would change; nothing is ever written."""
    job.report.output(artifact=f"mbflow-drift-{'-'.join(environments)}")
    code = worst(*(_look(job, environment) for environment in environments))
    job.report.output(exit_code=code)
    return code


def _look(job: Job, environment: str) -> int:
    folder = job.report.folder(environment)
    planfile, told = folder / "drift.json", folder / "drift.md"
    planfile.unlink(missing_ok=True)
    planned = job.verb(
        "plan",
        # By what git has, an edit is told from what was never applied. And that this can be
        # applied is not for this job to say: it would take back what somebody edited.
        *("-q", "-e", environment, *(("--base", "HEAD") if job.commit else ())),
        *("--detailed-exitcode", "--format", "markdown"),
        *("--out", str(planfile)),
        output=Output.LOG,
    )
    marker = job.marker("drift", environment)
    told.unlink(missing_ok=True)
    job.report.summarise(planned.output)
    if planned.code == ExitCode.DONE:
        job.tell("The issue", lambda host: close_issue(host, marker))
    elif planned.code == ExitCode.CHANGES:
        body = with_marker(marker, f"{_INTRODUCTION.format(environment)}\n\n{planned.output}")
        job.report.write(told, body)
        job.verb("page", "--plan", str(planfile), "-o", str(folder / "drift.html"))
        title = f"Call flows of {environment} are not what git says"
        job.tell("The issue", lambda host: keep_issue(host, marker, title, body))
    return planned.code


# On one line: GitHub shows the breaks of lines that stand in an issue.
_INTRODUCTION = (
    "What is live in {} is not what git says: somebody edited it outside git, or what was merged "
    "was not applied. To keep what is live, bring it into the files with `mbflow import`; to go "
    "back to what the files say, apply. This issue is updated while that is so, and closed when it "
    "is over."
)
