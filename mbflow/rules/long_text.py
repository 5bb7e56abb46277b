"""Texts that take too long to say."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A text takes more than a minute to say.

That is more than 900 characters. Callers hang up before the end, and cannot hear a part again.
Split the text, or let callers ask for it with a key."""

CHARACTERS_A_SECOND = 15
"""As a simulated call has it: 150 words of six characters a minute."""
LONGEST = 60 * CHARACTERS_A_SECOND


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("say"):
        if len(step.raw_text("payload")) > LONGEST:
            length = len(step.raw_text("payload"))
            message = (
                f"Saying these {length:,} characters takes about "
                f"{length // CHARACTERS_A_SECOND} seconds. Split the text, or shorten it."
            )
            yield Finding(message, step.path("options", "payload"))
