"""A flow file's document with what is live in it: all that says the same stays as it is written.

Pure. References stay wherever their value still stands at its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from mbflow.apply.clean_body import clean_body
from mbflow.flow.alignment import Alignment
from mbflow.flow.canonical import Form, agrees_on_default, same
from mbflow.model.flow import Body, Json, Path, steps_in
from mbflow.project.variables import references_in, split_references

Written = Callable[[Json], Json]
"""A live value as a file must hold it."""
Values = Mapping[str, str]
"""The values of variables, as a file must hold them."""
_WORDS = re.compile(r"\w+|\W")
_LONGEST_TEXT = 5000
"""Characters. In longer texts references that stand among words are not looked for."""


class LostReference(NamedTuple):
    """A reference that cannot stay, because another value is live."""

    path: Path
    """Where it stood in the file."""
    name: str
    value: Json
    """What takes the place of the text."""
    is_whole: bool
    """Whether the text was nothing but the reference."""


class LiveDocument(NamedTuple):
    """What a file is to say."""

    document: Body
    origins: tuple[int | None, ...]
    """For each step its former place in the file; None for a new one."""
    lost: tuple[LostReference, ...]


def live_document(
    template: Body,
    desired: Form,
    live: Form,
    alignment: Alignment,
    *,
    written: Written,
    values: Values,
) -> LiveDocument:
    """The document of a flow file as it must become for the live flow.

    `template` is the file as it is written, `desired` the flow that it means.
    """
    merge = _Merge(written, values)
    document = merge.mapping(
        _without(template, "steps"),
        _without(desired.canonical, "steps"),
        _without(live.canonical, "steps"),
        (),
    )
    document.pop("default", None)
    if agrees_on_default(desired, live):
        document |= {key: value for key, value in template.items() if key == "default"}
    elif live.is_default:
        document["default"] = True
    former = _former(alignment, steps_in(desired.canonical), steps_in(live.canonical))
    steps = _Steps(merge, steps_in(template), desired, live, former)
    document["steps"] = steps.merged()
    document = {key: document[key] for key in [*template, *document] if key in document}
    origins = tuple(former.get(number) for number in range(len(steps_in(live.body))))
    return LiveDocument(document, origins, tuple(merge.lost))


def _former(alignment: Alignment, desired: Sequence[Body], live: Sequence[Body]) -> dict[int, int]:
    """Live step to its former place in the file.

    Of steps that say the same here, and in another environment may not, it is the one in its place
    that was edited, and not the others that moved.
    """
    aligned, stays = dict(alignment.pairs), {number: number for number in range(len(live))}
    if [step.get("action") for step in desired] != [step.get("action") for step in live]:
        return aligned
    equal, moved = (
        sum(same(desired[p], live[n]) for n, p in of.items()) for of in (stays, aligned)
    )
    return stays if equal >= moved else aligned


class _Merge:
    """Puts live values in the place of others, and notes which references are lost."""

    def __init__(self, written: Written, values: Values) -> None:
        self.written = written
        self._values = values
        self.lost: list[LostReference] = []

    def value(self, template: Json, desired: Json, live: Json, path: Path) -> Json:
        if same(desired, live):
            return template
        if isinstance(template, dict) and isinstance(desired, dict) and isinstance(live, dict):
            return self.mapping(template, desired, live, path)
        if isinstance(template, list) and isinstance(desired, list) and isinstance(live, list):
            return self._list(template, desired, live, path)
        new = self.written(live)
        if isinstance(template, str) and isinstance(desired, str) and isinstance(new, str):
            former = str(self.written(desired))
            new = _with_references(template, self._values, former, new)
        lost = Counter(references_in(template)) - Counter(references_in(new))
        self.lost += [LostReference(path, name, new, template == f"${{{name}}}") for name in lost]
        return new

    def mapping(self, template: Body, desired: Body, live: Body, path: Path) -> Body:
        """What only the file states stays where it means nothing: a default, an empty text."""
        merged: Body = {}
        for key, value in template.items():
            if key in live:
                merged[key] = self.value(value, desired.get(key), live[key], (*path, key))
            elif key not in desired:
                merged[key] = value
        return merged | {key: self.written(live[key]) for key in live if key not in template}

    def _list(
        self, template: list[Json], desired: list[Json], live: list[Json], path: Path
    ) -> Json:
        if len(template) == len(desired) == len(live):
            items = zip(template, desired, live, strict=True)
            return [self.value(*item, (*path, number)) for number, item in enumerate(items)]
        waiting = list(zip(template, desired, strict=False))
        merged = []
        for item in live:
            known = next((pair for pair in waiting if same(pair[1], item)), None)
            merged.append(self.written(item) if known is None else known[0])
            if known is not None:
                waiting.remove(known)
        return merged


class _Steps:
    """The steps of the file that are still live, with their ids, and the new ones among them."""

    def __init__(
        self, merge: _Merge, template: list[Body], desired: Form, live: Form, former: dict[int, int]
    ) -> None:
        self._merge = merge
        self._template = template
        self._desired = steps_in(desired.canonical)
        self._live = steps_in(live.canonical)
        self._clean = steps_in(clean_body(live))
        self._former = former
        self._labels = self._named()

    def _named(self) -> dict[int, str]:
        """The id of each step to which a key press leads: the file's own, or a new one."""
        names: dict[int, str] = {}
        for number, place in self._former.items():
            name = self._template[place].get("id")
            if isinstance(name, str):
                names[number] = name
        used = set(names.values())
        for number, step in enumerate(self._clean):
            name = step.get("id")
            if number not in names and isinstance(name, str):
                names[number] = name if name not in used else f"{name}-{number + 1}"
                used.add(names[number])
        return names

    def merged(self) -> list[Json]:
        return [self._step(number) for number in range(len(self._live))]

    def _step(self, number: int) -> Json:
        live, clean = self._live[number], self._clean[number]
        place = self._former.get(number)
        if place is None:
            step = {key: self._merge.written(value) for key, value in clean.items()}
        else:
            template, desired = self._template[place], self._desired[place]
            if template.get("action") != live.get("action"):
                template = _without(template, "options")
            path = ("steps", place)
            step = self._merge.mapping(template, desired, _without(live, "onKeypressGoto"), path)
        return self._led(step, number, live.get("onKeypressGoto"))

    def _led(self, step: Body, number: int, goto: Json) -> Body:
        """The step with the id that it has here, and that of the step to which its key leads."""
        is_step = isinstance(goto, int) and not isinstance(goto, bool)
        target = self._labels.get(goto) if is_step else goto  # type: ignore[arg-type]
        if target is not None:
            step["onKeypressGoto"] = target
        elif step.get("onKeypressGoto"):
            del step["onKeypressGoto"]
        if number in self._labels and step.get("id") != self._labels[number]:
            step = {"id": self._labels[number], **_without(step, "id")}
        return step


def _without(body: Body, field: str) -> Body:
    return {key: value for key, value in body.items() if key != field}


class _Reference(NamedTuple):
    start: int
    end: int
    text: str


def _with_references(template: str, values: Values, desired: str, new: str) -> str:
    """The new text with those references of the old one whose value stands in it, at its place."""
    old, references = _filled(template, values)
    if old != desired or len(old) + len(new) > _LONGEST_TEXT:
        return new
    left, right = _tokens(old), _tokens(new)
    starts = {start: number for number, (start, _) in enumerate(left)}
    words = ([old[a:b] for a, b in left], [new[a:b] for a, b in right])
    blocks = SequenceMatcher(None, *words, autojunk=False).get_matching_blocks()
    for one in reversed(references):
        first, stop = starts.get(one.start), starts.get(one.end, len(left))
        block = next((b for b in blocks if first is not None and b.a <= first < b.a + b.size), None)
        is_whole = stop < len(left) or one.end == len(old)
        if first is not None and block is not None and is_whole and stop <= block.a + block.size:
            start = right[first - block.a + block.b][0]
            end = right[stop - 1 - block.a + block.b][1]
            new = new[:start] + one.text + new[end:]
    return new


def _filled(template: str, values: Values) -> tuple[str, list[_Reference]]:
    """The text with its variables' values, and where those that are not empty stand in it."""
    text, references = "", []
    for part, name in split_references(template):
        value = values.get(name, part) if name else part
        if name and value:
            references.append(_Reference(len(text), len(text) + len(value), part))
        text += value
    return text, references


def _tokens(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _WORDS.finditer(text)]
