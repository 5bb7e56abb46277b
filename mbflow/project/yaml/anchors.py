"""Anchors of a file that is edited from top to bottom, and what each stands for so far."""

from __future__ import annotations

from collections.abc import Collection

from mbflow.model.flow import Json
from mbflow.model.paths import same_document
from mbflow.project.yaml.tree import Node

_NOTHING: Json = {"": None, " ": None}
"""No value of a file."""


class Anchors:
    """What the anchors that were written stand for. Those in `unused` are left out."""

    def __init__(self, unused: Collection[str]) -> None:
        self._unused = unused
        self._values: dict[str, Json] = {}
        self.used: set[str] = set()
        """The anchors that aliases still repeat."""

    def of(self, node: Node, value: Json) -> str:
        """The anchor of a node that gets this value, for which it stands from here on; or ""."""
        if not node.anchor or node.anchor in self._unused:
            return ""
        self._values[node.anchor] = value
        return node.anchor

    def allow(self, node: Node) -> bool:
        """Whether a node can stand as it is written; notes the anchors in it.

        It cannot where one of its aliases would repeat another value than it did.
        """
        values, used = dict(self._values), set()
        for one in node.nodes():
            if one.alias:
                used.add(one.alias)
                if not same_document(values.get(one.alias, _NOTHING), one.data):
                    return False
            elif one.anchor:
                if one.anchor in self._unused and one.style == "plain":
                    return False
                values[one.anchor] = one.data
        self._values = values
        self.used |= used
        return True
