"""A call flow as it is compared: its canonical form and its digests, each made once."""

from __future__ import annotations

from functools import cached_property

from mbflow.flow.canonical import canonical, digest, label_of, same
from mbflow.model.flow import Body, Json, steps_in


class Form:
    """A body with what it is compared by, handed on instead of being made again.

    The body must not be changed once it is in one.
    """

    def __init__(self, body: Body) -> None:
        self.body = body

    @cached_property
    def canonical(self) -> Body:
        return canonical(self.body)

    @cached_property
    def labelled(self) -> Body:
        """The canonical form with each step's own `id` put back: what steps are aligned by."""
        pairs = zip(steps_in(self.body), steps_in(self.canonical), strict=True)
        steps: list[Json] = [{**kept, **label_of(step)} for step, kept in pairs]
        return {**self.canonical, "steps": steps}

    @cached_property
    def digest(self) -> str:
        """Of the canonical form: what the lock and an intent remember."""
        return digest(self.canonical)

    @cached_property
    def state_digest(self) -> str:
        """Of all that a write may overwrite: the canonical form, and `default`."""
        return digest({**self.canonical, "default": True}) if self.is_default else self.digest

    @property
    def is_default(self) -> bool:
        return self.body.get("default") is True


def is_alike(desired: Form, live: Form) -> bool:
    """Whether the live flow is what the file says."""
    return agrees_on_default(desired, live) and same(desired.canonical, live.canonical)


def agrees_on_default(desired: Form, live: Form) -> bool:
    """Whether the live flow is the default where the file wants it; without a word it may be."""
    return desired.body.get("default") is None or desired.is_default == live.is_default
