"""What git knows of the flow files: at a commit, and since a branch left another one.

Where git refuses, its own words are told.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from mbflow.model.errors import Error
from mbflow.model.text import Command, printable
from mbflow.project.discover import is_flow_name, name_of

# How git tells a hook for which repository it runs. The files may be in another one; and with
# GIT_DIR alone git takes any folder for the top of the work tree.
_OF_A_HOOK = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
}
SAYS = "git says: "
# A job's token may stand in the address of its clone, and git quotes that.
_LOGIN = re.compile(r"(?<=://)[^/@\s]*@")
_NO_SETTINGS: Mapping[str, str] = {}


class GitRefusal(Error):
    """git ran, and said no."""


def git(root: Path, *words: str, settings: Mapping[str, str] | None = None) -> str:
    """What `git WORDS` writes, run in the folder; `settings` are of this call alone.

    Raises `GitRefusal` with what git says, and `Error` where there is no git.
    """
    return _written(root, words, b"", settings or {}).decode("utf-8", "surrogateescape")


def _written(
    root: Path, words: Collection[str], given: bytes, settings: Mapping[str, str] = _NO_SETTINGS
) -> bytes:
    """The same, of a command that reads `given`."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            input=given,
            capture_output=True,
            check=False,
            env=_environ() | _config(settings),
        )
    except OSError as error:
        raise Error(f"git cannot be run: {error.strerror}. --base and ci need it.") from error
    if done.returncode:
        said = _LOGIN.sub("", done.stderr.decode("utf-8", "replace")).strip().splitlines()
        lines = [line for line in said if line.strip()] or [f"exit code {done.returncode}"]
        raise GitRefusal(f"{SAYS}{lines[0]}", *(f"    {line.strip()}" for line in lines[1:]))
    return done.stdout


def listed(root: Path, *words: str) -> set[str]:
    """The paths that a git command lists with `-z`; none where git refuses, as before a commit."""
    try:
        return {*filter(None, git(root, *words).split("\0"))}
    except GitRefusal:
        return set()


def _environ() -> dict[str, str]:
    """Without what names another repository, and without traces among git's own words."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_A_HOOK and not name.startswith("GIT_TRACE")
    }


def _config(settings: Mapping[str, str]) -> dict[str, str]:
    """As process variables: a token among them is not to stand in a list of processes."""
    if not settings:
        return {}
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


NO_COMMIT = re.compile("0{40}|0{64}")
"""By which git names the state before a branch was first pushed."""


def files_at(root: Path, reference: str, folder: str) -> list[str]:
    """Paths below `folder`, from the project's root, that existed at a commit, branch or tag.

    None at the commit of zeros, by which git names the state before a branch was first pushed.
    """
    if NO_COMMIT.fullmatch(reference):
        return []
    command = ("ls-tree", "-r", "-z", "--name-only", "--end-of-options", reference, "--", folder)
    try:
        names = git(root, *command)
    except GitRefusal as refusal:
        raise Error(*_no_files_at(root, reference, refusal)) from refusal
    return [name for name in names.split("\0") if name]


def contents_at(root: Path, commit: str, files: Collection[str]) -> dict[str, bytes]:
    """Those of the files, from the project's root, that a commit has, with what they hold."""
    files = [file for file in files if "\n" not in file]  # git would read two names
    asked = "".join(f"{commit}:./{file}\n" for file in files)
    answer = _written(root, ("cat-file", "--batch"), asked.encode("utf-8", "surrogateescape"), {})
    found, at = {}, 0
    for file in files:
        head, _, _ = answer[at:].partition(b"\n")
        at += len(head) + 1
        kind, _, size = head.rpartition(b" ")
        if not size.isdigit():
            continue  # `NAME missing`
        if kind.endswith(b" blob"):
            found[file] = answer[at : at + int(size)]
        at += int(size) + 1
    return found


def commits_between(root: Path, since: str, until: str, files: Collection[str]) -> list[str]:
    """`1a2b3c4 "Shorter greeting"`: what changed any of the files since then, newest first."""
    shown = ("log", "--format=%h%x00%s", "-n", _MOST_COMMITS, f"{since}..{until}", "--", *files)
    lines = (line.partition("\0") for line in git(root, *shown).splitlines())
    return [f'{commit} "{printable(subject)}"' for commit, _, subject in lines]


def _no_files_at(root: Path, reference: str, refusal: GitRefusal) -> Iterator[str]:
    yield f"git cannot list the files at {reference}: {refusal.summary.removeprefix(SAYS)}"
    yield from map(str, refusal.details)
    with suppress(GitRefusal):
        git(root, "rev-parse", "--git-dir")  # There is a repository: it lacks the commit.
        yield "In CI, fetch the base branch first; a shallow clone does not have it."


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
    tip: str = ""
    """The commit that `base` was."""

    @property
    def label(self) -> str:
        """The base as people read it."""
        return label_of(self.base)


def label_of(base: str) -> str:
    """A commit, branch or tag as people read it: of the whole name of a commit the beginning."""
    return base[:10] if re.fullmatch("[0-9a-f]{40,64}", base) else base


def branch_from(root: Path, base: str, folder: str, present: Collection[str]) -> Branch:
    """What git says of the flow files in `folder`; `present` are the names that have a file.

    Raises Error where git cannot tell: no such commit, or a clone that lacks the history.
    """
    if NO_COMMIT.fullmatch(base):
        return Branch(base)
    files_at(root, base, folder)  # raises where git does not know the base
    commit = _parted(root, base)
    before = _names(files_at(root, commit, folder), folder)
    tip = git(root, "rev-parse", "--verify", "--end-of-options", f"{base}^{{commit}}").strip()
    changed = git(root, "diff", "--name-only", "--relative", "-z", commit, tip, "--", folder)
    return Branch(base, commit, before - {*present}, _names(changed.split("\0"), folder), tip)


def changed_since(root: Path, base: str) -> frozenset[Path] | None:
    """Files of the repository that are not as they were where the branch left `base`; None for all,
    before the first push of a branch. Raises Error where git cannot tell.
    """
    if NO_COMMIT.fullmatch(base):
        return None
    top = Path(git(root, "rev-parse", "--show-toplevel").removesuffix("\n")).resolve()
    names = git(top, "diff", "--name-only", "-z", _parted(root, base)).split("\0")
    names += git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return frozenset(top / name for name in names if name)


def confirmed(root: Path, folder: str, branch: Branch) -> Branch:
    """The branch of a saved plan without deletions that git denies.

    A clone without the history cannot deny any.
    """
    try:
        before = _names(files_at(root, branch.commit, folder), folder)
    except Error:
        return branch
    return replace(branch, deleted=branch.deleted & before)


def former_texts(root: Path, file: str) -> Iterator[tuple[str, str]]:
    """The commits that changed a file, newest first, with what it held; none without git."""
    try:
        commits = git(root, "log", "--format=%h", "-n", _MOST_COMMITS, "--", file).split()
    except Error:
        return  # No repository, or no commit yet.
    for commit in commits:
        with suppress(GitRefusal):  # The commit that deleted the file.
            yield commit, git(root, "show", f"{commit}:./{file}")


_ORDINARY_BRANCH = re.compile(r"[A-Za-z][\w./-]*", re.ASCII)


def default_branch(root: Path) -> str:
    """The branch that others merge into: what the remote says, else main or master, else the only
    one; `main` where git cannot tell.
    """
    with suppress(Error):
        remote = git(root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD").strip()
        return _ordinary(remote.removeprefix("origin/"))
    with suppress(Error):
        names = git(root, "branch", "--format=%(refname:short)").split()
        known = [name for name in ("main", "master") if name in names]
        if known or len(names) == 1:
            return _ordinary((known or names)[0])
        if not names:  # before the first commit
            return _ordinary(git(root, "symbolic-ref", "--short", "HEAD").strip())
    return "main"


def _ordinary(branch: str) -> str:
    return branch if _ORDINARY_BRANCH.fullmatch(branch) else "main"


def is_set(root: Path, setting: str) -> bool:
    """Whether git has a value for a setting of its own."""
    try:
        return bool(git(root, "config", "--get", setting))
    except Error:
        return False


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
