"""What can go wrong between mbflow and the service, told apart by what is known afterwards.

A caller that writes decides by the class: not sent, refused, or nobody knows.
"""

from __future__ import annotations

from mbflow.errors import Error, ExitCode


class ApiError(Error):
    """Any failure of a request to the Voice Calling API."""


class NotSent(ApiError):
    """No connection could be made: the service has not seen the request, nothing happened."""


class Rejected(ApiError):
    """The service said no (4xx): what was asked did not happen.

    `status` is the HTTP status, `code` the service's own number (13 = not found; reference
    section 5) or None, `message` the service's text, safe to show, or "".
    """

    def __init__(
        self, summary: str, *details: str, status: int, code: int | None = None, message: str = ""
    ) -> None:
        super().__init__(summary, *details)
        self.status = status
        self.code = code
        self.message = message


class OutcomeUnknown(ApiError):
    """A write was sent and no clear answer came back: it may have happened, or not."""

    exit_code = ExitCode.PARTIAL


class Unreadable(ApiError):
    """A read failed: no answer in time, an answer of 5xx, or one that is not the API's."""


class IncompleteListing(Unreadable):
    """No read of a list showed all its entries: nothing can be concluded from it."""


class NoNumbersEndpoint(ApiError):
    """The service has the call flow, but no address for the numbers of call flows."""
