"""How a flow's file words what a transcript shows: `${sales}` in the place of its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from mbflow.model import Json


def wordings(written: Json, shown: Json) -> Mapping[str, str]:
    """Each text of the flow that holds references, as it is shown, to the text of the file.

    `written` is the file's document, `shown` the same with the variables' values. Where two texts
    come to the same, the first counts.
    """
    found: dict[str, str] = {}
    for value, text in _pairs(written, shown):
        found.setdefault(value, text)
    return found


def _pairs(written: Json, shown: Json) -> Iterator[tuple[str, str]]:
    if isinstance(written, str) and isinstance(shown, str):
        return iter([(shown, written)] if "${" in written else [])
    if isinstance(written, dict) and isinstance(shown, dict):
        return chain.from_iterable(
            _pairs(written[name], shown[name]) for name in written if name in shown
        )
    if isinstance(written, list) and isinstance(shown, list):
        return chain.from_iterable(map(_pairs, written, shown))
    return iter(())
