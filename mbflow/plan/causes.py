"""Whose each change is, by what git has where a branch parted from its base, and at the base."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from mbflow.flow.canonical import Form, is_alike
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import LockEntry
from mbflow.model.route import Route
from mbflow.model.text import Command
from mbflow.plan.model import (
    Cause,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    NumberChange,
)
from mbflow.plan.secrets import hide_body
from mbflow.plan.survey import Survey
from mbflow.project.discover import CALENDARS, PROJECT_FILE, calendar_file
from mbflow.project.git import Branch, commits_between, contents_at
from mbflow.project.local_folder import LOCK_FILE
from mbflow.project.revision import Revision, read_revision
from mbflow.state.lock import Lock, parse_lock

_MOST_TOLD = 20
"""Changes of which the commits are named that would be reverted: each asks git."""
_LOSING = (ChangeKind.UPDATE, ChangeKind.DELETE)
_OUTSIDE = (HazardKind.OUTSIDE_EDIT, HazardKind.CONFLICT)
AChange = TypeVar("AChange", Change, NumberChange)


class Causes(NamedTuple):
    """The changes with their causes, and with hazards that name them."""

    changes: Sequence[Change]
    numbers: Sequence[NumberChange]
    lacking: tuple[str, ...] = ()
    """Numbers that the base leads elsewhere since the branch parted, and the branch does not."""


def tell_causes(seen: Survey, changes: Sequence[Change], numbers: Sequence[NumberChange]) -> Causes:
    """Nothing is told without a base, nor by a clone that lacks the history.

    Only the flows that change are read at the two commits.
    """
    branch = seen.branch
    if branch is None:
        return Causes(changes, numbers)
    try:
        history = _history(seen, branch, [change.name for change in changes])
    except Error:
        return Causes(changes, numbers)
    told = [_Telling(seen, history, change).told() for change in changes]
    leads = [_number_told(seen, history, change) for change in numbers]
    return Causes(told, leads, tuple(_lacking(seen, history)))


class _History(NamedTuple):
    branch: Branch
    parted: Revision
    tip: Revision
    """Of the base; the same as `parted` where the base has not moved on."""
    lock: Lock
    """Of the base."""
    reverted: list[str]
    """Names for which git was asked what would be reverted."""


def _history(seen: Survey, branch: Branch, names: Collection[str]) -> _History:
    checkout = seen.checkout
    environment = checkout.environment.name
    parted = read_revision(checkout.root, branch.commit, environment, names)
    if branch.tip == branch.commit:
        return _History(branch, parted, parted, Lock(), [])
    tip = read_revision(checkout.root, branch.tip, environment, names)
    texts = contents_at(checkout.root, branch.tip, [LOCK_FILE])
    try:
        lock = parse_lock(texts[LOCK_FILE].decode())
    except (KeyError, UnicodeDecodeError, RefusedError):
        lock = Lock()
    return _History(branch, parted, tip, lock, [])


@dataclass(frozen=True)
class _Telling:
    """One change of a flow."""

    seen: Survey
    history: _History
    change: Change

    def told(self) -> Change:
        change, here = self.change, self._here
        before, theirs = self._at(self.history.parted), self._at(self.history.tip)
        is_own = before != here and not self._is_removed_before
        has_moved = theirs not in (before, here)
        cause, hazard = self._own(has_moved) if is_own else self._foreign(theirs, has_moved)
        told = replace(change, cause=cause)
        return told if hazard is None else _instead(told, hazard)

    def _own(self, has_moved: bool) -> tuple[Cause, Hazard | None]:
        """This branch changed what the files want; the base, or somebody, may have as well."""
        base, present = self.history.branch.label, self._outside
        if has_moved and self._is_live(self.history.tip):
            verb = "delete" if self.change.action is ChangeKind.DELETE else "revert"
            text = (
                f"this branch and {base} both changed it since they parted, and what is live is "
                f"{base}'s: this would {verb} {self._reverted}. Merge it, then plan again:"
            )
            return Cause.BRANCH, self._to_merge(HazardKind.CONFLICT, text)
        if present is None and not self._is_known:
            return Cause.BRANCH, self._unknown()
        if present is None or present.command is None or self.change.action is ChangeKind.DELETE:
            return Cause.BRANCH, None
        also = f", and {base} changed it too" if has_moved else ""
        text = (
            "this branch changed the flow, and somebody edited the live flow outside git"
            f"{also}; the live edit would be lost. To see both sides:"
        )
        command = Command("mbflow", "import", self.change.name, "--show")
        return Cause.BRANCH, Hazard(HazardKind.CONFLICT, text, command=command)

    def _foreign(self, theirs: str | None, has_moved: bool) -> tuple[Cause, Hazard | None]:
        """This branch has nothing to do with it."""
        action, base = self.change.action, self.history.branch.label
        if action is ChangeKind.CREATE:
            if theirs == "":
                text = f"{base} moved on and has no such flow: this would make it again"
                return Cause.BEHIND, self._to_merge(HazardKind.BEHIND, f"{text}. Merge it first:")
            recreated = any(h.kind is HazardKind.RECREATE for h in self.change.hazards)
            return (Cause.DRIFT if recreated else Cause.PENDING), None
        if action is ChangeKind.DELETE and theirs:
            text = f"{base} moved on and has this flow: this would delete it. Merge it first:"
            return Cause.BEHIND, self._to_merge(HazardKind.BEHIND, text)
        if has_moved and theirs is not None and self._is_live(self.history.tip):
            text = f"{base} moved on: this would revert {self._reverted}. Merge it first:"
            return Cause.BEHIND, self._to_merge(HazardKind.BEHIND, text)
        return self._drift(theirs, has_moved)

    def _drift(self, theirs: str | None, has_moved: bool) -> tuple[Cause, Hazard | None]:
        present, base = self._outside, self.history.branch.label
        is_update = self.change.action is ChangeKind.UPDATE
        if present is None and (self.change.base_known or not is_update):
            return Cause.PENDING, None
        if not is_update or (present is not None and present.command is None):
            return Cause.DRIFT, present and replace(present, needs_allow=True)
        how = "the live flow was edited outside git"
        if present is None:
            how = "the live flow was edited outside git, or the file was never applied"
        if theirs is None:
            how = f"{how}, or {base} moved on: its file cannot be read"
        elif has_moved:
            how = f"{how}, and {base} moved on too"
        text = (
            f"{how}. This branch did not change the flow, and applying takes the edit back. "
            "To keep it:"
        )
        command = Command("mbflow", "import", self.change.name)
        return Cause.DRIFT, Hazard(HazardKind.OUTSIDE_EDIT, text, True, command)

    @property
    def _here(self) -> str:
        return self._key(self.change.digest, self.change.was)

    def _at(self, revision: Revision) -> str | None:
        """What the files want at a commit; empty for no such flow, None where nobody can tell."""
        name = self.change.name
        if name in revision.unreadable:
            return None
        flow = revision.flows.get(name)
        if flow is None:
            return ""
        body = hide_body(flow.raw, self.seen.checkout.secrets)
        return self._key(Form(body).state_digest, flow.settings.was or "")

    def _key(self, digest: str, was: str) -> str:
        """A new name changes nothing of what is sent."""
        return f"{digest} {was}" if self.change.action is ChangeKind.MOVE else digest

    @property
    def _is_removed_before(self) -> bool:
        """Whether its delete was declared before the branch parted."""
        removed = self.history.parted.stated.project.removed
        is_here = self.change.action is ChangeKind.DELETE and self.change.declared
        return is_here and self.change.name in removed and not self._at(self.history.parted)

    def _unknown(self) -> Hazard:
        """Where the lock does not say what was sent, an edit is all that git does not say."""
        name, flow_id = self.change.name, self.change.id
        how = "what is live is not what the file said: it was edited outside git, or never applied"
        if self.change.action is ChangeKind.DELETE:
            command = Command("mbflow", "flows", "get", flow_id)
            return Hazard(HazardKind.OUTSIDE_EDIT, f"{how}:", command=command)
        text = f"this branch changed the flow, and {how}; it would be lost. To see both sides:"
        command = Command("mbflow", "import", name, "--show")
        return Hazard(HazardKind.CONFLICT, text, command=command)

    @property
    def _is_known(self) -> bool:
        """Whether what would be lost is in the lock, or in git."""
        if self.change.base_known or self.change.action not in _LOSING:
            return True
        return any(map(self._is_live, (self.history.parted, self.history.tip)))

    def _is_live(self, revision: Revision) -> bool:
        """Whether it was applied: by what it wants, or by what the base's lock says was made."""
        live = self.seen.live.get(self.change.id)
        if live is None:
            return False
        shown = Form(live.body)
        flow = revision.flows.get(self.change.name)
        if flow is not None:
            wanted = Form(hide_body(flow.raw, self.seen.checkout.secrets))
            if is_alike(wanted, shown):
                return True
        entry: LockEntry | None = self.history.lock.of(self.seen.checkout.environment.name).get(
            self.change.name
        )
        return entry is not None and entry.live == shown.digest

    @property
    def _outside(self) -> Hazard | None:
        return next((h for h in self.change.hazards if h.kind in _OUTSIDE), None)

    @property
    def _reverted(self) -> str:
        return _reverted(self.seen, self.history, self.change.name, [self.change.file])

    def _to_merge(self, kind: HazardKind, text: str) -> Hazard:
        return _to_merge(self.history.branch, kind, text)


def _reverted(seen: Survey, history: _History, name: str, files: Iterable[str]) -> str:
    """`1a2b3c4 "Shorter greeting"`, the newest commit of the base that would be undone."""
    branch, otherwise = history.branch, f"what {history.branch.label} changed"
    if len(history.reverted) >= _MOST_TOLD:
        return otherwise
    history.reverted.append(name)
    root = seen.checkout.root
    commits = commits_between(root, branch.commit, branch.tip, [*files])
    commits = commits or commits_between(root, branch.commit, branch.tip, [PROJECT_FILE])
    if not commits:
        return otherwise
    return commits[0] + (f" and {len(commits) - 1} more" if len(commits) > 1 else "")


def _to_merge(branch: Branch, kind: HazardKind, text: str) -> Hazard:
    return Hazard(kind, text, needs_allow=True, command=Command("git", "merge", branch.base))


def _instead(change: AChange, hazard: Hazard) -> AChange:
    """The change with the hazard in the place of what was said while nothing was known."""
    others: list[Hazard] = [one for one in change.hazards if one.kind not in _OUTSIDE]
    return replace(change, hazards=(hazard, *others))


def _number_told(seen: Survey, history: _History, change: NumberChange) -> NumberChange:
    here = _Lead.of(seen.checkout.environment.numbers.get(change.number), _calendars(seen))
    before, theirs = (_lead_at(one, change.number) for one in (history.parted, history.tip))
    base, former = history.branch.label, change.former
    outside = next((one for one in change.hazards if one.kind in _OUTSIDE), None)
    if here != before:
        return replace(change, cause=Cause.BRANCH)
    if theirs not in (before, None) and former and former.name and former.name in theirs.flows:
        files = [PROJECT_FILE, *([calendar_file(theirs.calendar)] if theirs.calendar else [])]
        what = _reverted(seen, history, change.number, files)
        text = f"{base} moved on: this would revert {what}. Merge it first:"
        hazard = _to_merge(history.branch, HazardKind.BEHIND, text)
        return _instead(replace(change, cause=Cause.BEHIND), hazard)
    if outside is None:
        return replace(change, cause=Cause.PENDING)
    keep = f". To keep it, write {former.name} in mbflow.yaml" if former and former.name else ""
    how = f"led to {former.label}" if former else "taken off its flow"
    if not former:
        keep = ". To keep it off, take it out of mbflow.yaml"
    text = (
        f"it was {how} outside git. This branch did not change where it leads, and applying takes "
        f"that back{keep}"
    )
    hazard = Hazard(HazardKind.OUTSIDE_EDIT, text, needs_allow=True)
    return _instead(replace(change, cause=Cause.DRIFT), hazard)


class _Lead(NamedTuple):
    """Where the files lead a number, with all that its calendar reads."""

    flows: tuple[str, ...]
    calendar: str = ""
    content: bytes = b""

    @classmethod
    def of(cls, route: Route | None, calendars: dict[str, bytes]) -> _Lead:
        if route is None:
            return cls(())
        names = (route.open, route.closed, route.holiday)
        if not route.calendar:
            return cls(names)
        # Of other files any may be the one that the calendar names.
        own = calendar_file(route.calendar)
        read = [one for file, one in sorted(calendars.items()) if file == own or _is_other(file)]
        return cls(names, route.calendar, b"\0".join(read))


def _is_other(file: str) -> bool:
    return not file.endswith(".yaml")


def _lead_at(revision: Revision, number: str) -> _Lead | None:
    """None where nobody can tell."""
    if not revision.is_readable:
        return None
    routes = revision.environment.numbers if revision.environment else {}
    return _Lead.of(routes.get(number), dict(revision.calendars))


def _calendars(seen: Survey) -> dict[str, bytes]:
    root = seen.checkout.root
    files = (one for one in sorted((root / CALENDARS).rglob("*")) if one.is_file())
    return {one.relative_to(root).as_posix(): one.read_bytes() for one in files}


def _lacking(seen: Survey, history: _History) -> Iterator[str]:
    """Numbers of the base's newer `mbflow.yaml`, in order."""
    tip, own = history.tip.environment, seen.checkout.environment.numbers
    if tip is None or history.tip is history.parted:
        return
    calendars = _calendars(seen) if own or tip.numbers else {}
    for number in sorted({*tip.numbers, *own}):
        before, theirs = (_lead_at(one, number) for one in (history.parted, history.tip))
        if theirs != before and _Lead.of(own.get(number), calendars) == before:
            yield number
