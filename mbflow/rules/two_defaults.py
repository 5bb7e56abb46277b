"""One default flow an account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.model.flow import Flow
from mbflow.model.text import printable
from mbflow.rules.rule import Finding

MANUAL = """\
Two flows are set as the default flow of one account.

The default flow answers numbers that have no flow of their own; an account has only one.

Fails:

    # flows/north.yaml
    title: North
    default: true
    steps: [{action: hangup}]
    # flows/south.yaml
    title: South
    default: true
    steps: [{action: hangup}]

Passes:

    # flows/north.yaml
    title: North
    default: true
    steps: [{action: hangup}]
    # flows/south.yaml
    title: South
    steps: [{action: hangup}]"""


def fact(flow: Flow) -> bool | None:
    return True if flow.is_to_be_default else None


def check_all(facts: Mapping[str, bool]) -> Iterator[Finding]:
    first, *others = [*sorted(facts), ""]
    for file in filter(None, others):
        message = (
            f"{printable(first)} is set as the default flow too, and an account has only one. "
            "Remove `default: true` from one of them, or give them different environments."
        )
        yield Finding(message, ("default",), file)
