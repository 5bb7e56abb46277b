"""The lock back into git: committed, pushed while the branch moves on, or proposed."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mbflow.ci.host import Host
from mbflow.model.errors import Error, ExitCode
from mbflow.project.git import GitRefusal, git
from mbflow.project.local_folder import LOCK_FILE
from mbflow.state.lock import Lock, parse_lock
from mbflow.state.lock_merge import merge_locks

_TRIES = 8
_PAUSE = 0.5
"""Seconds after the second try that failed; each pause is longer."""
_AUTHOR = {"user.name": "mbflow", "user.email": "mbflow@users.noreply.github.com"}


class Kept(NamedTuple):
    """Where the lock is now, in words for a comment, and whether it is in git."""

    code: ExitCode
    text: str = ""
    """Empty where nothing was to be done."""


@dataclass(frozen=True)
class LockKeeper:
    """One lock of one checkout, and the branch that is to have it."""

    root: Path
    environment: str
    branch: str
    host: Host | None

    def keep(self, how: str) -> Kept:
        """`how` is `push`, which proposes where the branch takes no push, `propose` or `none`."""
        if how == "none" or not self._is_changed():
            return Kept(ExitCode.DONE)
        if not self.branch:
            return _lost("no branch is checked out as origin has it.")
        try:
            with self._settings() as settings:
                self._commit(settings)
                if how == "push" and self._push(settings):
                    return Kept(ExitCode.DONE, f"`{LOCK_FILE}` was pushed to `{self.branch}`.")
                return self._propose(settings)
        except Error as error:
            return _lost(error.reason)

    def _is_changed(self) -> bool:
        try:
            return bool(git(self.root, "status", "--porcelain", "--", LOCK_FILE).strip())
        except Error:
            return False  # No repository.

    @contextmanager
    def _settings(self) -> Iterator[Mapping[str, str]]:
        """Of git, for this alone: who commits, who merges a lock, who may push."""
        program = f"{shlex.quote(sys.executable)} -m mbflow merge-lock %O %A %B"
        with tempfile.TemporaryDirectory() as folder:
            attributes = Path(folder) / "attributes"
            attributes.write_text(f"{LOCK_FILE} merge=mbflow\n")
            yield {
                **self._author(),
                "merge.mbflow.driver": program,
                "core.attributesFile": str(attributes),
                # Hooks look after what people commit; one that says no would keep the lock out.
                "core.hooksPath": os.devnull,
                "rebase.autoStash": "true",
                **(self.host.push_settings() if self.host is not None else {}),
            }

    def _author(self) -> Mapping[str, str]:
        with suppress(GitRefusal):
            git(self.root, "config", "user.email")
            return {}
        return _AUTHOR

    def _commit(self, settings: Mapping[str, str]) -> None:
        git(self.root, "add", "--", LOCK_FILE)
        message = f"Lock call flows of {self.environment}"
        git(self.root, "commit", "-q", "-m", message, "--", LOCK_FILE, settings=settings)

    def _push(self, settings: Mapping[str, str]) -> bool:
        """Whether it is there; False where the remote itself refuses it."""
        refusal: GitRefusal | None = None
        for tried in range(_TRIES):
            time.sleep(max(0, tried - 1) * _PAUSE)
            try:
                is_new = self._go_to_newest(settings)
                if refusal is not None and not is_new:
                    return False
                git(self.root, "push", "-q", "origin", f"HEAD:{self._ref}", settings=settings)
                return True
            except GitRefusal as error:
                refusal = error
        assert refusal is not None
        raise refusal

    def _go_to_newest(self, settings: Mapping[str, str]) -> bool:
        """Put the lock's commit, and no other, on top of the branch; whether that had moved.

        Raises `Error` where both sides locked the same flow.
        """
        self._fetch(self.branch, settings)
        newest, parent = (git(self.root, "rev-parse", one) for one in ("FETCH_HEAD", "HEAD~"))
        if newest == parent:
            return False
        text = self._merged("HEAD~", "FETCH_HEAD")
        if not text:
            raise Error(f"{self.branch} has another lock for the same flow.")
        try:
            # Commits that the branch has not, or has no longer, are not to come (back) with it.
            git(self.root, "rebase", "-q", "--onto", "FETCH_HEAD", "HEAD~", settings=settings)
        except GitRefusal as refusal:
            with suppress(GitRefusal):
                git(self.root, "rebase", "--abort")
            raise Error(f"{self.branch} has another lock for the same flow.") from refusal
        # .gitattributes may have another way to merge it, such as `merge=union`.
        self._put(text, settings)
        return True

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def _fetch(self, branch: str, settings: Mapping[str, str]) -> None:
        git(self.root, "fetch", "-q", "origin", f"refs/heads/{branch}", settings=settings)

    def _propose(self, settings: Mapping[str, str]) -> Kept:
        branch = f"mbflow-lock-{self.environment}"
        with suppress(Error):
            self._fetch(branch, settings)
            self._take_in("FETCH_HEAD", settings)
        git(
            self.root,
            "push",
            "-q",
            "--force",
            "origin",
            f"HEAD:refs/heads/{branch}",
            settings=settings,
        )
        advice = "Merge it before these flows are edited again."
        text = f"`{LOCK_FILE}` is in the branch `{branch}`, because `{self.branch}` takes no push."
        if self.host is None:
            return Kept(ExitCode.DONE, f"{text} {advice}")
        title = f"Lock call flows of {self.environment}"
        body = f"What `mbflow apply` did, for the next plan to know. {advice}"
        try:
            self.host.propose(branch, self.branch, title, body)
        except Error as error:
            return Kept(ExitCode.DONE, f"{text} Open a {self.host.noun} for it: {error.reason}")
        return Kept(ExitCode.DONE, f"{text} A {self.host.noun} proposes it. {advice}")

    def _take_in(self, proposed: str, settings: Mapping[str, str]) -> None:
        """What was proposed before and not merged yet is proposed on, but for the same flows."""
        parted = git(self.root, "merge-base", proposed, "HEAD").strip()
        self._put(self._merged(parted, proposed), settings)

    def _merged(self, parted: str, theirs: str) -> str:
        """The lock of HEAD with that of another commit; "" where both locked the same flow."""
        sides = (self._lock_at(commit) for commit in (parted, "HEAD", theirs))
        text, conflicts, doubles = merge_locks(*sides)
        return "" if conflicts or doubles else text

    def _put(self, text: str, settings: Mapping[str, str]) -> None:
        """The text, if there is one, in the lock's commit."""
        path = self.root / LOCK_FILE
        if text and text != path.read_text():
            path.write_text(text)
            words = ("commit", "-q", "--amend", "--no-edit", "--", LOCK_FILE)
            git(self.root, *words, settings=settings)

    def _lock_at(self, commit: str) -> Lock:
        with suppress(GitRefusal):
            return parse_lock(git(self.root, "show", f"{commit}:./{LOCK_FILE}"))
        return Lock()


def _lost(why: str) -> Kept:
    text = f"**`{LOCK_FILE}` is not in git**: {why} It is among the files that this job keeps. "
    return Kept(ExitCode.PARTIAL, f"{text}Commit it before these flows are edited again.")
