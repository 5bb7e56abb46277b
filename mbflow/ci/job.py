"""One job: the verbs that it runs, and where it tells what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

from mbflow.api.access_key import is_unset
from mbflow.ci.event import Event, Occasion
from mbflow.ci.host import Host
from mbflow.ci.report import FOLDER, Report
from mbflow.model.errors import Error, RefusedError, UsageError
from mbflow.model.problem import has_errors
from mbflow.model.project import LOCAL
from mbflow.model.text import Command, listed
from mbflow.project.discover import find_root
from mbflow.project.git import git
from mbflow.project.git import listed as listed_files
from mbflow.project.project_file import (
    check_is_project,
    choose_environment,
    read_project,
    stated_names,
)
from mbflow.views.comment import marker


class Step(NamedTuple):
    """What one command line of mbflow came to."""

    code: int
    output: str
    """Its standard output."""


class Output(Enum):
    """What becomes of a verb's standard output, besides that the job gets it."""

    LOG = "it is for people: into the log"
    DOCUMENT = "it is not for people"
    COMMANDS = "it is for GitHub's runner: into the log, and not quoted there"


class Verbs(Protocol):
    """Runs one command line of mbflow; what it says beside goes into the log."""

    def __call__(self, *words: str, output: Output = Output.LOG) -> Step: ...


@dataclass(frozen=True)
class Job:
    """What `plan`, `apply` and `drift` share."""

    root: Path
    """Where mbflow.yaml is."""
    environ: Mapping[str, str]
    event: Event
    host: Host | None
    report: Report
    verb: Verbs

    def close(self) -> None:
        if self.host is not None:
            self.host.close()

    def environments(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Those that were named, else all that mbflow.yaml declares but the built-in emulator."""
        reading = read_project(self.root, self.environ)
        project = reading.project
        if chosen and not has_errors(reading.problems):
            return tuple(choose_environment(project, name).name for name in chosen)
        if chosen:
            return chosen
        return tuple(name for name in project.declared if name != LOCAL) or (LOCAL,)

    def one_of(self, chosen: str | None) -> str:
        """The one environment that is meant. Raises `UsageError` where it could be several."""
        named = self.environments((chosen,) if chosen else ())
        if len(named) > 1:
            all_of_them = listed(named, last="and")
            raise UsageError(f"One job applies one environment: name it with -e, of {all_of_them}.")
        return named[0]

    def has_key(self, environment: str) -> bool:
        """Whether the environment's access key is here; of one that cannot be read it is not."""
        found = read_project(self.root, self.environ).project.environments.get(environment)
        return found is not None and (
            found.is_embedded or not is_unset(self.environ.get(found.access_key_env, ""))
        )

    def marker(self, kind: str, environment: str) -> str:
        """The hidden first line of a comment or an issue of this kind: `plan`, `apply`, `drift`."""
        return marker(kind, stated_names(self.root)[0], environment)

    @property
    def tree(self) -> str:
        """What git calls the content of the project's folder; "" without git."""
        return self._asked_git("HEAD:./")

    @property
    def commit(self) -> str:
        return self._asked_git("HEAD")

    @property
    def base(self) -> str:
        """What the files are compared with: a commit, or a branch of `origin`; "" for nothing.

        Of the commit that GitHub merges a pull request to by way of trial, the first parent: what
        the event names is where the branch was when the request was made. GitLab names the commit
        where the two parted, with which nothing is ever behind: there it is the branch as it is.
        """
        event = self.event
        if event.host == "github" and event.number is not None and event.commit == self.commit:
            first, _, second = self._asked_git("HEAD^@").partition("\n")
            if second:
                return first
        there = f"origin/{event.branch}"
        is_there = event.branch and self._asked_git("--verify", "--quiet", f"refs/remotes/{there}")
        return there if event.occasion is Occasion.PROPOSAL and is_there else event.base

    @property
    def folder(self) -> str:
        """From the top of the repository, with a slash at its end; "" for the top."""
        return self._asked_git("--show-prefix")

    @property
    def branch(self) -> str:
        """The one that is to have the lock; where no CI system is known that tells it, the one that
        is checked out as `origin` has it, and "" for none.
        """
        if self.event.host:
            return self.event.branch
        name = self._asked_git("--abbrev-ref", "HEAD")
        # Where it is ahead somebody works in it: a push would take along what nobody merged.
        there = self._asked_git("--verify", "--quiet", f"refs/remotes/origin/{name}")
        return name if there and there == self.commit else ""

    def _asked_git(self, *words: str) -> str:
        try:
            return git(self.root, "rev-parse", *words).strip()
        except Error:
            return ""

    def tell(self, what: str, ask: Callable[[Host], object]) -> None:
        """Ask the code host for it; that it refuses is a note, and no failure of the job."""
        if self.host is None:
            if self.event.host and not self.event.is_without_secrets:
                self.report.note(_WITHOUT[self.event.host])
            return
        try:
            ask(self.host)
        except Error as error:
            self.report.note(f"{what} was not made: {error.reason}")


_WITHOUT = {
    "github": "Without GITHUB_TOKEN nothing is told in GitHub. It is ${{ github.token }}.",
    "gitlab": "Without GITLAB_TOKEN nothing is told in GitLab. It is a project access token.",
}


def open_job(
    event: Event, environ: Mapping[str, str], verbs: Verbs, say: Callable[[str], None]
) -> Job:
    """The job of this process in the current folder; to be closed.

    Raises `RefusedError` where the folder of jobs is in git, `UsageError` where no project is.
    """
    if listed_files(Path(), "ls-files", "-z", "--", FOLDER):
        # A plan that lies there is applied: it must come from the job before, not from a commit.
        raise RefusedError(
            f"{FOLDER}/ is in git, so what is in it is not what a job has left.",
            "Take it out, and add it to .gitignore:",
            Command("git", "rm", "-r", "--cached", FOLDER),
        )
    root = find_root(Path())
    stated = read_project(root, environ)
    if not has_errors(stated.problems):  # which `validate` tells
        check_is_project(stated)
    report = Report(Path(FOLDER), environ, say)
    return Job(root, environ, event, host_of(event, environ), report, verbs)


def host_of(event: Event, environ: Mapping[str, str]) -> Host | None:
    """The code host of this run; None where there is none, or no token to ask it with."""
    if event.host == "github" and environ.get("GITHUB_TOKEN"):
        from mbflow.ci.github import GitHub

        return GitHub(environ)
    if event.host == "gitlab" and environ.get("GITLAB_TOKEN"):
        from mbflow.ci.gitlab import GitLab

        return GitLab(environ)
    return None


_RANK = (0, 2, 3, 4, 1, 64, 130, 70)


def worst(*codes: int) -> int:
    """The exit code that says most: a failure before a refusal, that before pending changes."""
    return max(codes, key=lambda code: _RANK.index(code) if code in _RANK else len(_RANK))


def changes_in(planfile: Path) -> int:
    """How many changes a saved plan has; none where it is none, which the verbs say."""
    try:
        document = json.loads(planfile.read_bytes())
        return len(document["changes"]) + len(document.get("numbers") or ())
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 0
