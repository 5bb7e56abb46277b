"""What a branch has done to the flow files since it left another one, asked of git.

Compared with the commit where the two parted: what came to the other one since then is its own.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mbflow.model.errors import Error
from mbflow.model.text import Command
from mbflow.project.discover import NO_COMMIT, files_at, is_flow_name, name_of
from mbflow.project.git import GitRefusal, git

_MOST_COMMITS = "200"
"""Of a file, that are looked at for what was applied last."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Names of flows on both sides of a branch; all that a saved plan has to know of git."""

    base: str
    """The commit, branch or tag that was asked for."""
    commit: str = ""
    """Where the two parted; empty before the first push of a branch."""
    deleted: frozenset[str] = frozenset()
    """Flows whose files were there, and are gone here."""
    theirs: frozenset[str] = field(default_factory=frozenset)
    """Flows whose files were changed, made or deleted on the other side since then."""


def branch_from(root: Path, base: str, folder: str, present: Collection[str]) -> Branch:
    """What git says of the flow files in `folder`; `present` are the names that have a file.

    Raises Error where git cannot tell: no such commit, or a clone that lacks the history.
    """
    if NO_COMMIT.fullmatch(base):
        return Branch(base)
    files_at(root, base, folder)  # raises where git does not know the base
    commit = _parted(root, base)
    before = _names(files_at(root, commit, folder), folder)
    changed = git(root, "diff", "--name-only", "--relative", "-z", commit, base, "--", folder)
    return Branch(base, commit, before - {*present}, _names(changed.split("\0"), folder))


def confirmed(root: Path, folder: str, branch: Branch) -> Branch:
    """The branch of a saved plan without deletions that git denies.

    A clone without the history cannot deny any.
    """
    try:
        before = _names(files_at(root, branch.commit, folder), folder)
    except Error:
        return branch
    return Branch(branch.base, branch.commit, branch.deleted & before, branch.theirs)


def former_texts(root: Path, file: str) -> Iterator[tuple[str, str]]:
    """The commits that changed a file, newest first, with what it held; none without git."""
    try:
        commits = git(root, "log", "--format=%h", "-n", _MOST_COMMITS, "--", file).split()
    except Error:
        return  # No repository, or no commit yet.
    for commit in commits:
        with suppress(GitRefusal):  # The commit that deleted the file.
            yield commit, git(root, "show", f"{commit}:./{file}")


def git_command(root: Path, *words: str) -> Command:
    """To be copied where the user is: for the project's folder, wherever that lies from there."""
    folder = os.path.relpath(root)
    return Command("git", *([] if folder == "." else ["-C", folder]), *words)


def _parted(root: Path, base: str) -> str:
    """The last commit that the branch has in common with `base`."""
    try:
        return git(root, "merge-base", "--end-of-options", base, "HEAD").strip()
    except GitRefusal as error:
        raise Error(
            f"git knows no commit that {base} and this branch have in common, so what the branch "
            "deleted cannot be told from what it never had.",
            "In CI, fetch the whole history (fetch-depth: 0); a shallow clone ends before it.",
        ) from error


def _names(paths: Collection[str], folder: str) -> frozenset[str]:
    below = (path.removeprefix(f"{folder.rstrip('/')}/") for path in paths if path)
    return frozenset(name_of(name) for name in below if is_flow_name(name))
