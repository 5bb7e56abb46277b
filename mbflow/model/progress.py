"""How far a long run has come, told while it goes on. What draws it stands above."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

Item = TypeVar("Item")
Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Part:
    """One part of a run. This one tells nobody; any thread may call it."""

    def advance(self, count: int = 1) -> None:
        """So much more of it is done."""

    def counts(self, function: Callable[[Argument], Result]) -> Callable[[Argument], Result]:
        """The function, each call of which is counted when it is over."""

        def call(argument: Argument) -> Result:
            result = function(argument)
            self.advance()
            return result

        return call


NOBODY = Part()


class Progress:
    """The parts of a run, one after the other. This one tells nobody.

    A part that begins within another is not told: the outer one says what goes on.
    """

    def begin(self, label: str, total: int | None = None) -> AbstractContextManager[Part]:
        """The part that goes on until the context is left: `Reading numbers`, of `total` flows.

        None where nobody knows how much it is.
        """
        return nullcontext(NOBODY)

    def each(self, label: str, items: Sequence[Item]) -> Iterator[Item]:
        """The items, each counted when the next is asked for."""
        with self.begin(label, len(items)) as part:
            for item in items:
                yield item
                part.advance()


SILENT = Progress()
