"""Flow files as git has had them: the version that was live, and the sides of a conflict."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mbflow.apply.adopt import live_flow
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike
from mbflow.flow.edits import edits
from mbflow.model.errors import Error
from mbflow.model.flow import Flow, with_title
from mbflow.model.text import Command, did_you_mean
from mbflow.plan.model import Change, ChangeKind
from mbflow.plan.secrets import covered, hide_body, veil
from mbflow.plan.survey import Survey
from mbflow.project.discover import flow_file
from mbflow.project.flow_file import Terms, read_flow
from mbflow.project.git import former_texts, git_command, listed
from mbflow.project.load import Checkout
from mbflow.project.local_folder import LOCK_FILE


def find_version(
    checkout: Checkout, name: str, is_wanted: Callable[[Flow], bool]
) -> tuple[str, Flow] | None:
    """The newest commit whose file of that name is the wanted flow, and the flow."""
    file = file_of(checkout, name)
    terms = Terms(environments=(checkout.environment,))
    for commit, text in former_texts(checkout.root, file):
        for reading in read_flow(text.encode("utf-8", "surrogateescape"), name, file, terms):
            if reading.flow is not None and is_wanted(reading.flow):
                return commit, reading.flow
    return None


def file_of(checkout: Checkout, name: str) -> str:
    """Below the project's root, also where there is no such file now."""
    return flow_file(checkout.project.flows, name)


def commands_back(checkout: Checkout, before: Checkout, names: Collection[str]) -> list[Command]:
    """What makes the files of these flows say what those of `before` say, and commits it.

    No commit is reverted: that would take the lock back too, which says what is live now.
    """
    root = checkout.root
    restored: defaultdict[str, list[str]] = defaultdict(list)
    others: list[Command] = []
    gone, written = list[str](), set[str]()
    for name in sorted(names):
        former, file = before.flows.get(name), file_of(checkout, name)
        if former is None:
            gone.append(file)
            is_known = listed(root, "ls-files", "-z", "--", file)
            remove = git_command(root, "rm", "--force", "--", file)
            others.append(remove if is_known else Command("rm", os.path.relpath(root / file)))
        elif found := find_version(checkout, name, _like(former, checkout.secrets)):
            restored[found[0]].append(file)
        else:
            others.append(Command("mbflow", "import", name, "--force"))
            written.add(file)
    for commit, files in restored.items():
        differ = ("diff", "-z", "--name-only", "--relative", commit, "HEAD", "--", *files)
        written |= listed(root, *differ)
    back = [git_command(root, "checkout", one, "--", *files) for one, files in restored.items()]
    return [*back, *others, *_commit(checkout, written, gone)]


def _commit(checkout: Checkout, written: set[str], gone: Sequence[str]) -> Iterator[Command]:
    """Of what differs from HEAD, and of the lock.

    git refuses a path that it never saw, and a commit of nothing.
    """
    root = checkout.root
    known = listed(root, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", LOCK_FILE, *gone)
    lost = known & {*gone}
    lock, is_new = set[str](), False
    if not checkout.environment.is_embedded:
        since = ("diff", "-z", "--name-only", "HEAD") if LOCK_FILE in known else ("status", "-z")
        is_new = bool(listed(root, *since, "--", LOCK_FILE))
        lock = {LOCK_FILE} if is_new else known & {LOCK_FILE}
    if written or lost or is_new:
        if written or lock:
            yield git_command(root, "add", "--", *sorted(written | lock))
        message = ("--message", "Take back what was applied")
        yield git_command(root, "commit", *message, "--", *sorted(written | lock | lost))


def _like(former: Flow, secrets: Mapping[str, str]) -> Callable[[Flow], bool]:
    return lambda flow: is_alike(Form(hide_body(flow.raw, secrets)), Form(former.body))


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """What both sides made of what was applied last; where that is not known, how they differ."""

    name: str
    file: str
    id: str
    commit: str
    """That holds what was applied last; empty where git knows of none."""
    by_file: Change
    """From what was applied last to the file; without edits where that is not known."""
    by_hand: Change
    """From what was applied last to what is live; where that is not known, from the file."""
    is_same: bool
    """Whether the file says what is live."""


def compare(seen: Survey, name: str) -> ThreeWay:
    """Hold the file of a flow and its live flow against what was applied last. Secrets are hidden.

    Raises Error where the name has no file, or no live flow.
    """
    flow = seen.checkout.flows.get(name)
    if flow is None:
        guess = did_you_mean(name, seen.checkout.flows)
        raise Error(f"There is no flow file for {name} to be compared.{guess}")
    found = seen.matches.matched.get(name)
    live = live_flow(seen, found.live.id if found else name)
    secrets = seen.checkout.secrets
    entry = seen.entries.get(name)
    found_form, desired = Form(live.body), Form(flow.body)
    body = covered(live.body, flow.body, entry, secrets)
    body = veil(body, flow.body, align(found_form, desired), secrets)
    commit, base = _base(seen, flow)
    start = base or desired
    present = Form(with_title(body, start.body) if seen.titles_hidden else body)
    return ThreeWay(
        name,
        flow.file,
        live.id,
        commit,
        by_file=_update(name, start, desired),
        by_hand=_update(name, start, present),
        is_same=is_alike(desired, present),
    )


def _update(name: str, before: Form, after: Form) -> Change:
    made = edits(before, after, align(before, after))
    return Change(name, ChangeKind.UPDATE, before=before.body, after=after.body, edits=made)


def _base(seen: Survey, flow: Flow) -> tuple[str, Form | None]:
    """What was sent last, with the commit that holds it: the file's version with its digest."""
    entry, secrets = seen.entries.get(flow.name), seen.checkout.secrets

    def is_as_sent(version: Flow) -> bool:
        return entry is not None and Form(hide_body(version.raw, secrets)).digest == entry.sent

    found = find_version(seen.checkout, flow.name, is_as_sent)
    return (found[0], Form(hide_body(found[1].raw, secrets))) if found else ("", None)
