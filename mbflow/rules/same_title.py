"""Titles that several flows have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.model.flow import Flow
from mbflow.model.text import printable, shortened
from mbflow.rules.rule import Finding

MANUAL = """\
Two flows have the same title.

People find a flow in the dashboard by its title, and so does mbflow where a live flow does not
belong to a file yet.

Fails:

    # flows/north.yaml
    title: Support
    steps: [{action: hangup}]
    # flows/south.yaml
    title: Support
    steps: [{action: hangup}]

Passes:

    # flows/north.yaml
    title: Support north
    steps: [{action: hangup}]
    # flows/south.yaml
    title: Support south
    steps: [{action: hangup}]"""


def fact(flow: Flow) -> str | None:
    return flow.title or None


def check_all(facts: Mapping[str, str]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for file, title in sorted(facts.items()):
        if title in first:
            message = (
                f'{printable(first[title])} has the title "{shortened(title, 60)}" too. '
                "Change one, so that people can tell them apart."
            )
            yield Finding(message, ("title",), file)
        first.setdefault(title, file)
