"""The three sides of a conflict: what was applied last, what the file says, what is live.

The lock holds digests only, so what was applied last is looked for in git's history of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from mbflow.apply.adopt import live_flow
from mbflow.apply.file_history import find_version
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form
from mbflow.flow.edits import Edit, edits
from mbflow.model.errors import Error
from mbflow.model.flow import Flow
from mbflow.model.text import did_you_mean
from mbflow.plan.secrets import covered, hide_body, veil
from mbflow.plan.survey import Survey


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """What both sides made of what was applied last; where that is not known, how they differ."""

    name: str
    file: str
    id: str
    commit: str
    """That holds what was applied last; empty where git knows of none."""
    by_file: tuple[Edit, ...]
    """From what was applied last to the file; empty where that is not known."""
    by_hand: tuple[Edit, ...]
    """From what was applied last to what is live; where that is not known, from the file."""


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
    present = Form(veil(body, flow.body, align(found_form, desired), secrets))
    commit, base = _base(seen, flow)
    if base is None:
        return ThreeWay(name, flow.file, live.id, "", (), _edits(desired, present))
    by_file, by_hand = _edits(base, desired), _edits(base, present)
    return ThreeWay(name, flow.file, live.id, commit, by_file, by_hand)


def _edits(before: Form, after: Form) -> tuple[Edit, ...]:
    return edits(before, after, align(before, after))


def _base(seen: Survey, flow: Flow) -> tuple[str, Form | None]:
    """What was sent last, with the commit that holds it: the file's version with its digest."""
    entry, secrets = seen.entries.get(flow.name), seen.checkout.secrets

    def is_as_sent(version: Flow) -> bool:
        return entry is not None and Form(hide_body(version.raw, secrets)).digest == entry.sent

    found = find_version(seen.checkout, flow.name, is_as_sent)
    return (found[0], Form(hide_body(found[1].raw, secrets))) if found else ("", None)
