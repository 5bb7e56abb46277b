"""The job of a pull request: validate, test, plan, page, one comment. And the plan of what merged.

Each part runs where it still makes sense, also after a red one; the exit code is the worst.
"""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.ci.event import Occasion
from mbflow.ci.github import artifact_name
from mbflow.ci.host import Host
from mbflow.ci.job import Job, Output, Step, changes_in, worst
from mbflow.ci.posts import keep_comment, with_marker
from mbflow.ci.review import reviewed_plan, unseen
from mbflow.model.errors import Error
from mbflow.views.text import BUDGET

_MOST_OF_CALLS = 20_000
"""Characters of a comment that calls which failed may take from the plan."""
_HEAD = 200
"""Characters of what else stands above the plan."""


def plan(job: Job, environments: Sequence[str], base: str) -> int:
    """Plan each environment, and tell it where the change is reviewed. Returns the exit code."""
    job.report.output(
        commit=job.commit, artifact=artifact_name("-".join(environments), job.tree or "none")
    )
    checked = _validate(job, base)
    codes = [checked]
    total = 0
    for environment in environments:
        code, changes = _plan_one(job, environment, base, checked)
        codes.append(code)
        total += changes
    code = worst(*codes)
    job.report.output(exit_code=code, changes=total)
    return code


def _validate(job: Job, base: str) -> int:
    """Of warnings only those about files that the change touches: an account has hundreds."""
    since = ("--base", base) if base else ()
    if job.event.host == "github":
        return job.verb("validate", *since, "--format", "github", output=Output.COMMANDS).code
    if job.event.host == "gitlab":
        document = job.verb("validate", "--format", "gitlab", output=Output.DOCUMENT).output
        job.report.write(job.report.root / "codequality.json", document)
    return job.verb("validate", *since).code


def _plan_one(job: Job, environment: str, base: str, checked: int) -> tuple[int, int]:
    (job.report.folder(environment) / "plan.json").unlink(missing_ok=True)
    tested = _test(job, environment, checked)
    if job.event.is_without_secrets and not job.has_key(environment):
        job.report.note(
            f"{environment} was not planned: a fork's job has no access key. It is planned when it "
            "is merged."
        )
        return tested.code, 0
    failed = _failed_calls(tested)
    planned = _planned(job, environment, base, len(failed) + _HEAD)
    changes = _show(job, environment, planned)
    code = worst(checked, tested.code, planned.code)
    told = _comment(planned, failed, checked)
    if code and _is_for_apply(job):
        tell_request(job, environment, told)
    if job.event.number is not None:
        _tell_proposal(job, environment, job.event.number, told)
    return code, changes


def _show(job: Job, environment: str, planned: Step) -> int:
    """Leave the plan where the job's reader looks: Markdown, summary, page. How much it changes."""
    folder = job.report.folder(environment)
    job.report.write(folder / "tree", job.tree)
    job.report.write(folder / "plan.md", planned.output)
    job.report.summarise(planned.output)
    planfile = folder / "plan.json"
    if not planfile.exists():
        return 0
    job.report.output(plan=str(planfile))
    job.verb("page", "--plan", str(planfile), "-o", str(folder / "plan.html"))
    return changes_in(planfile)


def _tell_proposal(job: Job, environment: str, number: int, told: str) -> None:
    marker = job.marker("plan", environment)
    body = with_marker(marker, told)
    job.report.write(job.report.folder(environment) / "comment.md", body)
    job.tell("The comment", lambda host: keep_comment(host, number, marker, body))


def _test(job: Job, environment: str, checked: int) -> Step:
    """Files that are wrong were shown by validate; what is shown here are calls that failed."""
    tested = job.verb(
        "test", "-e", environment, "--coverage", "--format", "markdown", output=Output.DOCUMENT
    )
    job.report.write(job.report.folder(environment) / "test.md", tested.output)
    job.report.summarise(tested.output)
    if tested.code and not checked:
        if job.event.host == "github":
            job.verb("test", "-e", environment, "--format", "github", output=Output.COMMANDS)
        else:
            job.verb("test", "-e", environment)
    return tested


def plan_here(job: Job, environment: str, base: str, above: int = 0) -> Step:
    """A fresh plan, in its file unless the files have problems; as Markdown.

    `above` are characters of its comment that stand above it.
    """
    planfile = job.report.folder(environment) / "plan.json"
    planned = job.verb(
        "plan",
        *("-e", environment),
        *(("--base", base) if base else ()),
        *("--require-applicable", "--format", "markdown", "--budget", str(BUDGET - above)),
        *("--out", str(planfile)),
        output=Output.DOCUMENT,
    )
    if planfile.exists():
        job.verb("show", str(planfile))
    return planned


def plan_to_apply(
    job: Job, environment: str, base: str, above: int = 0, *, is_seen: bool = False
) -> Step:
    """The plan to apply, in its file: the reviewed one, or a new one where there is none.

    A new one is made in any case: whoever may push a branch decides what its job keeps, so the
    reviewed one counts only where this one bears it out. It is refused for what nobody has looked
    at, unless it is to be seen before it is applied.
    """
    planned = plan_here(job, environment, base, above)
    planfile = job.report.folder(environment) / "plan.json"
    if not planfile.exists():
        return planned
    is_push = job.event.occasion is Occasion.PUSH
    found = reviewed_plan(job, environment, planfile) if is_push else None
    if found is not None:
        job.report.write(planfile, found.text)
        job.report.note(f"This is the plan that was reviewed in {found.where}.")
        return job.verb("show", str(planfile), "--format", "markdown")
    refusal = None if planned.code or is_seen else unseen(planfile)
    if refusal is None:
        return planned
    job.report.say(refusal.output)
    return Step(refusal.code, f"{refusal.output}\n\n{planned.output}")


def _planned(job: Job, environment: str, base: str, above: int) -> Step:
    """The plan as it is to be applied later, or to be looked at."""
    if not _is_for_apply(job):
        return plan_here(job, environment, base, above)
    is_seen = _will_be_seen(job, environment)
    return plan_to_apply(job, environment, base, above, is_seen=is_seen)


def tell_request(job: Job, environment: str, told: str) -> None:
    """Say in the request that was merged what became of it: one comment, which is updated."""
    marker = job.marker("apply", environment)

    def comment(host: Host) -> None:
        commits = dict.fromkeys(filter(None, (job.event.commit, job.commit)))
        numbers = {found.number for found in map(host.merged, commits) if found is not None}
        for number in sorted(numbers):
            keep_comment(host, number, marker, told)

    job.tell("The comment", comment)


def _is_for_apply(job: Job) -> bool:
    """Whether the next job applies it: after a merge, or when somebody started the workflow."""
    return bool(job.event.host) and job.event.occasion is not Occasion.PROPOSAL


def _will_be_seen(job: Job, environment: str) -> bool:
    try:
        return job.host is not None and job.host.has_reviewers(environment)
    except Error as error:
        job.report.note(f"Whether anybody reviews {environment} is not known: {error.reason}")
        return False


def _failed_calls(tested: Step) -> str:
    """What stands above the plan in a comment; "" where all calls went as expected."""
    if not tested.code:
        return ""
    text = tested.output.strip()
    told = text if len(text) <= _MOST_OF_CALLS else "The summary of the job says which calls."
    return f"**mbflow test failed.**\n\n{told}"


def _comment(planned: Step, failed: str, checked: int) -> str:
    errors = "**mbflow validate found errors: they stand at their lines.**"
    red = [errors] if checked and not planned.code else []
    return "\n\n".join([*red, *filter(None, [failed]), planned.output or _NO_PLAN])


_NO_PLAN = "**There is no plan.** The log of the job says why."
