"""A live flow as somebody would have written it: what import puts into a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import count

from mbflow.flow.canonical import Form
from mbflow.model.flow import Body, Json, SafeBody, steps_in

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST_NAME = 60
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{n}" for name in ("com", "lpt") for n in "123456789"),
}
"""Names that no file can have on Windows, where a colleague may clone the repository."""


def clean_body(live: Form) -> SafeBody:
    """Only what a caller hears: no service fields, defaults or markers.

    Steps keep an id only where a key press leads to them; ids that a machine made become
    `step-N`.
    """
    form = live.labelled
    steps = steps_in(form)
    targets = {step["onKeypressGoto"] for step in steps if "onKeypressGoto" in step}
    labels = _labels(steps, targets)
    body = SafeBody({name: form[name] for name in form if name != "steps"})
    if live.is_default:
        body["default"] = True
    body["steps"] = [_clean_step(step, labels.get(n), labels) for n, step in enumerate(steps)]
    return body


class FreeNames:
    """Names for new files: no two differ in upper and lower case only."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken: set[str] = set()
        self.take(*taken)
        # Where the search for a name goes on: all lower numbers are taken, and stay so.
        self._numbers: dict[str, int] = {}

    def take(self, *names: str) -> None:
        self._taken.update(name.casefold() for name in names)

    def find(self, title: str, flow_id: str) -> str:
        """A name made of the title, or of the id where it has none; it is free until taken."""
        name = name_of(title, flow_id)
        for number in count(self._numbers.get(name, 1)):
            free = name if number == 1 else f"{name}-{number}"
            if free not in self._taken:
                break
        self._numbers[name] = number
        return free


def name_of(title: str, flow_id: str) -> str:
    """A name that a file can have, also on Windows, in lower case."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_NAME].strip("-")
    if name in _DEVICES:
        name += "-flow"
    return name or "flow-" + re.sub(r"[^a-z0-9]", "", flow_id.lower())[:8]


def _labels(steps: list[Body], targets: Collection[Json]) -> dict[int, str]:
    """Index of a step that somebody jumps to, to its id in the file."""
    labels: dict[int, str] = {}
    used: set[str] = set()
    for number, step in enumerate(steps):
        if number in targets:
            name = step.get("id")
            made_by_people = isinstance(name, str) and not _UUID.fullmatch(name)
            label = str(name) if made_by_people else f"step-{number + 1}"
            labels[number] = label if label not in used else f"{label}-{number + 1}"
            used.add(labels[number])
    return labels


def _clean_step(step: Body, label: str | None, labels: Mapping[int, str]) -> Json:
    clean: Body = {} if label is None else {"id": label}
    clean |= {name: value for name, value in step.items() if name != "id"}
    goto = clean.get("onKeypressGoto")
    if isinstance(goto, int):
        clean["onKeypressGoto"] = labels[goto]
    return clean
