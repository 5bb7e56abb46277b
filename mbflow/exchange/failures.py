"""What the exchange raises where a real service would leave its client without a whole answer."""

from __future__ import annotations


class SimulatedFailure(Exception):
    """A connection that breaks on purpose. The server or the in-process transport acts it out."""


class ConnectionReset(SimulatedFailure):
    """The connection is reset before a byte of the answer was sent."""


class AnswerTooLate(SimulatedFailure):
    """The client of an in-process request would have given up waiting by now."""
