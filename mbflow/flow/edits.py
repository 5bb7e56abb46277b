"""Typed edits: what turns the live flow into the one in the file, each with a sentence.

Sentences number the steps of the file; where they number those of the live flow they say old.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeGuard

from mbflow.flow.alignment import Alignment
from mbflow.flow.canonical import Form, agrees_on_default, is_alike, same
from mbflow.flow.step_lines import steps_lines
from mbflow.flow.words import (
    LENGTH,
    WHOLE,
    conditions_words,
    extent,
    look_alike,
    step_words,
    value_words,
)
from mbflow.model.flow import Body, Json, SafeBody, options_in, steps_in
from mbflow.model.paths import path_text, value_at

Kind = Literal["insert", "remove", "move", "change"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference. Step numbers count from 0, as paths do; sentences count from 1."""

    kind: Kind
    text: str
    """The difference as a sentence."""
    live: int | None = None
    """The step's index in the live flow; None at the top level and for an inserted step."""
    desired: int | None = None
    """The step's index in the file; None at the top level and for a removed step."""
    path: str = ""
    """Where it stands: in the file, or for a removed step in the live flow."""
    before: Json = None
    after: Json = None
    needs_diff: bool = False
    """Whether the sentence only says that the value changed: before and after tell how."""


def edits(live: Form, desired: Form, alignment: Alignment) -> tuple[Edit, ...]:
    """All edits between two flows, top level first, then steps in the file's order.

    A step that goes has its place behind the step that stays above it.
    None where both are alike, even if labels were swapped between steps.
    """
    if is_alike(desired, live):
        return ()
    before = steps_in(live.labelled)
    steps = [
        *_removed(alignment, before, live.body),
        *((edit.desired or 0, edit) for edit in _kept_and_new(alignment, before, desired)),
    ]
    in_order = sorted(steps, key=lambda placed: placed[0])
    return (*_top_level(live, desired), *(edit for _, edit in in_order))


def _top_level(live: Form, desired: Form) -> Iterable[Edit]:
    found, wanted = live.canonical, desired.canonical
    if not agrees_on_default(desired, live):
        found, wanted = (
            {**form.canonical, **({"default": True} if form.is_default else {})}
            for form in (live, desired)
        )
    for key in sorted((found.keys() | wanted.keys()) - {"steps"}):
        before, after = found.get(key), wanted.get(key)
        if not same(before, after):
            yield _change(key, (None, None), key, before, after)


def _places_of_removed(alignment: Alignment) -> Iterable[tuple[int, float]]:
    """Where in the file the steps that go would stand: each between two steps."""
    stay = [(i, j) for i, j in alignment.pairs if j not in alignment.moved]
    for index in alignment.removed:
        above = bisect_left(stay, (index,))
        yield index, (stay[above - 1][1] if above else -1) + 0.5


def _removed(
    alignment: Alignment, steps: list[Body], body: SafeBody
) -> Iterable[tuple[float, Edit]]:
    words = _whole(body, "old step") if alignment.removed else []
    for i, place in _places_of_removed(alignment):
        text = f"step {i + 1} removed: {words[i]}"
        yield place, Edit("remove", text, live=i, path=f"steps[{i}]", before=steps[i])


def _whole(body: SafeBody, steps_named: str = "step") -> list[str]:
    """Each step with all that it holds: `transfer to 31201234567; if choice == "1"; mask yes`."""
    return ["; ".join([step, *rest]) for step, rest in steps_lines(body, steps_named, LENGTH)]


def _kept_and_new(alignment: Alignment, before: list[Body], desired: Form) -> Iterable[Edit]:
    desired_of, after = dict(alignment.pairs), steps_in(desired.labelled)
    words = _whole(desired.body) if alignment.inserted or alignment.moved else []
    for j, step in enumerate(after):
        i = alignment.live_of.get(j)
        if i is None:
            text = f"new step {j + 1}: {words[j]}"
            yield Edit("insert", text, desired=j, path=f"steps[{j}]", after=step)
            continue
        if j in alignment.moved:
            text = f"step {i + 1} moved, now step {j + 1}: {words[j]}"
            path = f"steps[{j}]"
            yield Edit("move", text, live=i, desired=j, path=path, before=before[i], after=step)
        yield from _changes(i, j, before, after, desired_of)


def _changes(
    i: int, j: int, live: list[Body], desired: list[Body], desired_of: dict[int, int]
) -> Iterable[Edit]:
    old, new = live[i], desired[j]
    where = f"step {j + 1} {new.get('action')}"
    for key in sorted((old.keys() | new.keys()) - {"id", "options"}):
        before, after_value = old.get(key), new.get(key)
        if key == "onKeypressGoto":
            if not same(_target(before, desired_of), after_value):
                led = _led(before, live, desired, desired_of)
                text = f"{where}: a key press now leads {_to(after_value, desired)}; it led {led}"
                path = path_text(("steps", j, key))
                yield Edit("change", text, i, j, path, before, after_value)
        elif not same(before, after_value):
            words = conditions_words if key == "conditions" else value_words
            path = path_text(("steps", j, key))
            yield _change(f"{where}: {key}", (i, j), path, before, after_value, words)
    yield from _option_changes(i, j, where, options_in(old), options_in(new))


def _target(goto: Json, desired_of: dict[int, int]) -> Json:
    """A live goto in the file's numbers; -1 where its target is gone, so that it differs."""
    return desired_of.get(goto, -1) if _is_index(goto) else goto


def _is_index(goto: Json) -> TypeGuard[int]:
    """A step, and neither a text that is no id nor what a service may hold else: `true`."""
    return isinstance(goto, int) and not isinstance(goto, bool)


def _led(goto: Json, live: list[Body], desired: list[Body], desired_of: dict[int, int]) -> str:
    """Where a key press led; in the file's numbers as long as that step stays."""
    if _is_index(goto) and goto not in desired_of and 0 <= goto < len(live):
        return f"to the former step {goto + 1} ({step_words(live[goto])})"
    return _to(_target(goto, desired_of), desired)


def _to(goto: Json, steps: list[Body]) -> str:
    if not _is_index(goto) or not 0 <= goto < len(steps):
        told = f"{value_words(goto)}{extent(goto, LENGTH)}"
        return "nowhere" if goto is None else f"to a step that is not there, {told}"
    return f"to step {goto + 1} ({step_words(steps[goto])})"


def _option_changes(i: int, j: int, where: str, old: Body, new: Body) -> Iterable[Edit]:
    if same(old, new):
        return
    for path in _changed_paths(old, new):
        what = f"{where}: {path_text(path)}"
        place = path_text(("steps", j, "options", *path))
        yield _change(what, (i, j), place, value_at(old, path), value_at(new, path))


def _changed_paths(old: Body, new: Body) -> list[tuple[str, ...]]:
    # Loaded only where two steps differ: it costs more than all the rest of a plan.
    from deepdiff import DeepDiff

    tree = DeepDiff(
        old,
        new,
        view="tree",
        threshold_to_diff_deeper=0,
        verbose_level=0,
        ignore_private_variables=False,
    )
    found = [item.path(output_format="list") for items in tree.values() for item in items]
    return sorted({_up_to_a_list(path) for path in found})


def _up_to_a_list(path: list[str | int]) -> tuple[str, ...]:
    """A list counts as one value: an item that goes shifts all behind it."""
    return tuple(str(part) for part in takewhile(lambda part: isinstance(part, str), path))


def _change(
    what: str,
    steps: tuple[int | None, int | None],
    path: str,
    before: Json,
    after: Json,
    words: Callable[..., str] = value_words,
) -> Edit:
    how = _how(before, after, words)
    return Edit("change", f"{what} {how or _CHANGED}", *steps, path, before, after, not how)


_CHANGED = "changed"


def _how(before: Json, after: Json, words: Callable[..., str]) -> str:
    """How a value changed, short enough for a line; empty where only a diff of texts shows it."""
    if any(words(value) != words(value, WHOLE) for value in (before, after)):
        return ""  # cut, or not clear on one line
    if look_alike(words(before), words(after)):
        return ""
    if before is None:
        return f"set to {words(after)}"
    if after is None:
        return f"no longer set, was {words(before)}"
    if isinstance(before, str) and isinstance(after, str) and len(before) + len(after) > 60:
        return ""
    return f"{words(before)} -> {words(after)}"
