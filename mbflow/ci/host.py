"""What a job asks of a code host, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from mbflow.api.code_host import CodeHost


class Post(NamedTuple):
    """A comment, or an issue."""

    id: int
    body: str
    is_ours: bool
    """Whether the token's own user wrote it: another author could change it later."""


class Merged(NamedTuple):
    """The pull request or merge request that a commit came with."""

    number: int
    head: str
    """Its last commit, which was reviewed."""


class Place(NamedTuple):
    """The files of a project, in its repository."""

    folder: str
    """From the top of the repository, with a slash at its end; "" for the top."""
    tree: str
    """What git calls their content."""


class Host(Protocol):
    """Each method raises `ApiError` where the host refuses or cannot be reached."""

    noun: str
    """`pull request`, `merge request`."""

    def comments(self, number: int) -> Iterable[Post]: ...
    def add_comment(self, number: int, body: str) -> None: ...
    def edit_comment(self, number: int, post: int, body: str) -> None: ...
    def issues(self) -> Iterable[Post]:
        """The open ones."""

    def open_issue(self, title: str, body: str) -> None: ...
    def edit_issue(self, post: int, body: str) -> None: ...
    def close_issue(self, post: int) -> None: ...
    def propose(self, branch: str, target: str, title: str, body: str) -> None:
        """A pull request or merge request, unless one of this branch is open already."""

    def merged(self, commit: str) -> Merged | None: ...
    def plan_of(self, request: Merged, environment: str, project: Place) -> bytes | None:
        """The plan that its job kept for these files; None where there is none any more."""

    def has_reviewers(self, environment: str) -> bool:
        """Whether somebody must approve a job of this environment, seeing the plan before it."""

    def push_settings(self) -> Mapping[str, str]:
        """Settings of git, with which this run may push; none where the clone has its own."""

    def close(self) -> None: ...


def whose(asked: CodeHost) -> Mapping[str, object]:
    """The token's own user; {} for an app, which GitHub does not tell its name."""
    from mbflow.api.errors import Rejected

    try:
        user = asked.get("/user")
    except Rejected:
        return {}
    return user if isinstance(user, dict) else {}
