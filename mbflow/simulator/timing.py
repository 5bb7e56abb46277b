"""How long things last in a simulated call, in milliseconds.

No source gives any of these; each is one number or one function with its reason.
"""

from __future__ import annotations

import re

from mbflow.flow.steps import Step
from mbflow.simulator.replies import Outcome

CHARACTERS_A_SECOND = 15
"""150 words of six characters a minute: an unhurried synthetic voice."""

MEDIA_MS = 10_000
"""Each file of a play step: nobody can see from here how long it is."""

REACTION_MS = 1_000
"""How long after a silence begins a caller presses a key."""

KEYS_APART_MS = 300
"""Between two keys of one `press`: a person who knows the number by heart."""

KEY_GAP_MS = 5_000
"""A number of several digits is taken as complete when no key follows for so long, the usual
time-out between digits in phone menus."""

RINGING_MS = {
    Outcome.ANSWERED: 1_000,
    Outcome.MACHINE: 1_000,
    Outcome.BUSY: 1_000,
    Outcome.FAILED: 1_000,
    Outcome.NO_ANSWER: 30_000,
}
"""From dialling to the outcome: six rings for nobody at home, one for the rest."""

TALK_MS = 60_000
"""How long the called party of a transfer talks before hanging up."""

MACHINE_RECOGNISED_MS = 2_000
"""How long an answering machine must be listened to; a shorter `machineTimeout` misses it."""

MACHINE_TIMEOUT_MS = 7_000
"""The documented default of `machineTimeout` (reference 6.2)."""

MACHINE_GREETING_MS = 6_000
"""When an answering machine falls silent, counted from its picking up."""

TONE_MS = 200
"""One tone of sendKeys without `duration`, read as milliseconds (reference 6.2: a guess)."""

TONE_GAP_MS = 100
"""The silence between two tones without `interval`."""

LONGEST_CALL_MS = 8 * 3600 * 1000
"""Where a call without `maxDuration` is cut: the only value of it ever seen, 28800 seconds."""

# Scripts that write a word with a sign or two are spoken slower than fifteen signs a second.
WIDE = "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
WIDE_COUNTS_AS = 3


def speech_ms(text: str) -> int:
    """How long it takes to say `text`, rounded up to a tenth of a second."""
    count = (
        len(text)
        if text.isascii()
        else len(text) + (WIDE_COUNTS_AS - 1) * len(re.findall(WIDE, text))
    )
    return -(-count * 10 // CHARACTERS_A_SECOND) * 100


def heard_part(text: str, ms: int) -> str:
    """The whole words of `text` that were said within the first `ms`."""
    whole = speech_ms(text)
    if ms >= whole:
        return text
    cut = len(text) * ms // whole
    if text[cut : cut + 1].isspace():
        return text[:cut]
    words = text[:cut].rsplit(maxsplit=1)
    return words[0] if len(words) == 2 else text[:cut] if re.search(WIDE, text[:cut]) else ""


def tones_ms(step: Step) -> int:
    """How long the tones of a sendKeys step last."""
    count = len(step.raw_text("keys"))
    tone, gap = step.number("duration") or TONE_MS, step.number("interval") or TONE_GAP_MS
    return count * tone + max(count - 1, 0) * gap
