"""What called this run: a pull request, a merge, a schedule; as the CI system's variables say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mbflow.model.errors import Error, RefusedError


class Occasion(StrEnum):
    PROPOSAL = "proposal"
    """A pull request or merge request."""
    PUSH = "push"
    """A branch has moved on: something was merged."""
    OTHER = "other"
    """A schedule, somebody's click, or no CI system that is known."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a job has to know of the run that it is part of."""

    occasion: Occasion = Occasion.OTHER
    host: str = ""
    """`github`, `gitlab`, or nothing."""
    base: str = ""
    """The commit that the files are compared with; "" where there is none."""
    number: int | None = None
    """Of the pull request or merge request."""
    branch: str = ""
    """The one that is to have the lock."""
    commit: str = ""
    """Of the run; the job may have gone on to a newer one."""
    is_without_secrets: bool = False
    """A fork, or a bot: the CI system gives it neither access keys nor a token that writes."""


def read_event(environ: Mapping[str, str]) -> Event:
    """The event of this process. Raises `Error` where a CI system's own file cannot be read."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("GITLAB_CI") == "true":
        return _gitlab(environ)
    return Event()


_BOTS = {"dependabot[bot]"}


def _github(environ: Mapping[str, str]) -> Event:
    name = environ.get("GITHUB_EVENT_NAME", "")
    if name == "pull_request_target":
        # It would give the access key to whatever a stranger proposes.
        raise RefusedError(
            "mbflow ci does not run on pull_request_target: it hands secrets to pull requests of "
            "forks.",
            "Write pull_request: there a fork is validated and tested, and not planned.",
        )
    payload = _payload(environ.get("GITHUB_EVENT_PATH", ""))
    is_tag = environ.get("GITHUB_REF_TYPE") == "tag"
    branch = "" if is_tag else environ.get("GITHUB_REF_NAME", "")
    commit = environ.get("GITHUB_SHA", "")
    if name == "pull_request":
        pull = payload.get("pull_request")
        number = pull.get("number") if isinstance(pull, dict) else None
        head = _at(pull, "head", "repo", "full_name")
        return Event(
            Occasion.PROPOSAL,
            "github",
            base=_at(pull, "base", "sha"),
            number=number if isinstance(number, int) else None,
            branch=_at(pull, "base", "ref"),
            commit=commit,
            is_without_secrets=head != environ.get("GITHUB_REPOSITORY")
            or environ.get("GITHUB_ACTOR") in _BOTS,
        )
    if name == "merge_group":
        base = _at(payload, "merge_group", "base_sha")
        return Event(Occasion.PROPOSAL, "github", base, branch=branch, commit=commit)
    if name == "push":
        before = _at(payload, "before")
        return Event(Occasion.PUSH, "github", before, branch=branch, commit=commit)
    return Event(Occasion.OTHER, "github", branch=branch, commit=commit)


def _payload(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise Error(f"GITHUB_EVENT_PATH cannot be read: {path}") from error
    return document if isinstance(document, dict) else {}


def _at(document: Any, *names: str) -> str:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""


def _gitlab(environ: Mapping[str, str]) -> Event:
    source, commit = environ.get("CI_PIPELINE_SOURCE", ""), environ.get("CI_COMMIT_SHA", "")
    branch = environ.get("CI_COMMIT_BRANCH", "")
    if source == "merge_request_event":
        iid = environ.get("CI_MERGE_REQUEST_IID", "")
        project = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        return Event(
            Occasion.PROPOSAL,
            "gitlab",
            base=environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
            number=int(iid) if iid.isdecimal() else None,
            branch=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
            commit=commit,
            is_without_secrets=project != environ.get("CI_MERGE_REQUEST_PROJECT_ID"),
        )
    if source == "push":
        before = environ.get("CI_COMMIT_BEFORE_SHA", "")
        return Event(Occasion.PUSH, "gitlab", before, branch=branch, commit=commit)
    return Event(Occasion.OTHER, "gitlab", branch=branch, commit=commit)
