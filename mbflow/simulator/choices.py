"""What a call does where no source says: one constant or function each, with its reason.

The choices about where a step leads stand in `graph.ways`, those about time in `timing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mbflow.graph.program import Condition, Step

UNSET = ""
"""What a variable holds that nothing has set (open question 26): empty text, as in Go, which the
service is most likely written in. So a condition can ask whether nobody pressed a key."""

MAX_FETCHES = 100
"""Flows that one call may take from web servers; no limit is documented (open question 28). A
survey of a hundred questions passes, a flow that fetches itself is cut."""

MAX_MOVES = 10_000
"""Steps that one call may pass; only keys and fetched flows lead backwards, so this is never met by
a call that a person could make."""

MAX_READINGS = 1_000
"""How often a text is read out: `loop` without end, or a `repeat` far out of range."""

ON_FINISH_AFTER_HANGUP = True
"""A recording that ends because the caller hangs up is handed to `onFinish` as well (open question
31): the guides rely on it for the last answer of a survey. The reply is not walked."""


def all_hold(conditions: Sequence[Condition], variables: Mapping[str, str]) -> bool:
    """Several conditions must all hold (reference 6.3: a guess from the only real sample)."""
    return all(holds(condition, variables) for condition in conditions)


def holds(condition: Condition, variables: Mapping[str, str]) -> bool:
    """`==` compares as text. No other operator was ever seen: it never holds (open question 23)."""
    return condition.operator == "==" and variables.get(condition.variable, UNSET) == (
        condition.value
    )


def input_is_complete(step: Step, keys: str) -> bool:
    """Whether the keys so far are all that the step collects.

    One key where the step names neither `maxNumKeys` nor `endKey`, as in every documented menu.
    """
    most = step.max_keys or (0 if step.end_key else 1)
    return bool(most) and len(keys) >= most


def input_text(keys: str, end_key: str) -> str:
    """What the variable receives: the keys without the end key.

    An end key pressed alone is handed over itself: a menu that asks for `#` alone would get nothing
    otherwise, and the one server seen in the wild expects a lone star as "*" (reference 6.3).
    """
    return keys or end_key
