"""The hidden first line by which a comment or an issue of mbflow is found again."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

_MARKER = re.compile(r"<!-- mbflow (\w+) (.*)/([^/]*) -->")


class Marker(NamedTuple):
    """`<!-- mbflow plan PROJECT/ENVIRONMENT -->`; kinds are `plan`, `apply` and `drift`."""

    kind: str
    project: str
    """Empty where mbflow.yaml could not be read."""
    environment: str

    def __str__(self) -> str:
        return f"<!-- mbflow {self.kind} {self.project}/{self.environment} -->"

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The marker that a text begins with."""
        found = _MARKER.fullmatch(text.lstrip().partition("\n")[0].strip())
        return None if found is None else cls(*found.groups())

    def is_in(self, text: str) -> bool:
        """Whether a text begins with it; a project that was not known may be any."""
        other = Marker.of(text)
        if other is None or (other.kind, other.environment) != (self.kind, self.environment):
            return False
        return other.project == self.project or "" in (other.project, self.project)

    def above(self, text: str) -> str:
        """The text with this marker as its first line."""
        if Marker.of(text) is not None:
            text = text.lstrip().partition("\n")[2]
        return f"{self}\n{text}"
