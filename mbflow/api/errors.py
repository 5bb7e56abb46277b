"""What can go wrong between mbflow and the service: exceptions, and their messages.

A caller that writes decides by the class: not sent, refused, or nobody knows. All text of the
service that a message holds is masked, printable and short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mbflow.api.http import ApiRequest, ApiResponse, Trouble, retry_after
from mbflow.model.errors import Error, ExitCode
from mbflow.model.flow import EMBEDDED, Json
from mbflow.model.text import Line, shortened


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
        self, summary: str, *details: Line, status: int, code: int | None = None, message: str = ""
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


LONGEST_TEXT = 300
"""Characters of the service's own text in a message."""

WRONG_ENDPOINT = "Is this the right endpoint? It is set in mbflow.yaml."


@dataclass(frozen=True, slots=True)
class Messages:
    """What messages need to know: where requests go, where the key is from, how to mask it."""

    endpoint: str
    key_source: str
    mask: Callable[[str], str]

    def failure(self, request: ApiRequest, outcome: ApiResponse | Trouble) -> ApiError:
        """The exception for an outcome that is final."""
        if isinstance(outcome, Trouble):
            return self._trouble(request, outcome)
        if 400 <= outcome.status < 500 and outcome.status != 408:
            return self._rejection(request, outcome)
        return self.unclear(request, self._reason(outcome), *self._advice(outcome))

    def unclear(self, request: ApiRequest, reason: str, *details: str) -> ApiError:
        """For an answer that says nothing: unreadable for GET, unknown for a write."""
        reason = self._safe(reason)
        if request.method == "GET":
            return Unreadable(f"{self._service} could not be read: {reason}.", *details)
        return OutcomeUnknown(
            f"Whether {request.text} was done is not known: {reason}.",
            f"Endpoint: {self.endpoint}",
            *details,
        )

    @property
    def _service(self) -> str:
        return "The built-in emulator" if self.endpoint == EMBEDDED else self.endpoint

    def _trouble(self, request: ApiRequest, trouble: Trouble) -> ApiError:
        advice = [trouble.advice] if trouble.advice else []
        if trouble.was_sent:
            return self.unclear(request, trouble.text, *advice)
        return NotSent(
            f"{self._service} cannot be reached: {self._safe(trouble.text)}.",
            *advice,
            f"{request.text} was not sent.",
        )

    def _rejection(self, request: ApiRequest, answer: ApiResponse) -> Rejected:
        text = self._text(answer)
        summary, *details = self._refusal(request, answer)
        said = [f"The service says: {text}"] if text else []
        page = ["The answer is an HTML page.", WRONG_ENDPOINT] if answer.is_html else []
        return Rejected(
            summary,
            *dict.fromkeys([*said, *page, *details]),
            status=answer.status,
            code=next((code for code, _ in _errors(answer) if code is not None), None),
            message=text,
        )

    def _refusal(self, request: ApiRequest, answer: ApiResponse) -> tuple[str, ...]:
        status = answer.status
        if status == 401:
            source = f" Look at the variable {self.key_source}." if self.key_source else ""
            return (f"{self._service} does not accept the access key (401).{source}",)
        if status == 403:
            return (f"The access key may not do this (403): {request.text}.",)
        if status == 404 and request.path.count("/") == 1:
            return f"{self._service} has no {request.path} (404).", WRONG_ENDPOINT
        if status == 429:
            wait = retry_after(answer.headers)
            asked = f" It asks to wait {wait:.0f} seconds." if wait else ""
            return (f"{self._service} still says: too many requests (429).{asked}",)
        return (f"{self._service} refused {request.text} ({status}).",)

    def _reason(self, answer: ApiResponse) -> str:
        if answer.is_html:
            return f"it answered {answer.status} with an HTML page instead of JSON"
        if 300 <= answer.status < 400:
            target = answer.headers.get("Location", "")
            return f"it answered {answer.status}, a redirect to {target or 'nowhere'}"
        if answer.is_success and not answer.is_json:
            return f"its answer ({answer.status}) is not JSON"
        text = self._text(answer)
        return f"it answered {answer.status}" + (f", saying: {text.rstrip('.')}" if text else "")

    def _advice(self, answer: ApiResponse) -> list[str]:
        if 300 <= answer.status < 400:
            return ["mbflow does not follow redirects: name the final address as the endpoint."]
        if answer.is_html and answer.status < 500:
            return [WRONG_ENDPOINT]
        return []

    def _text(self, answer: ApiResponse) -> str:
        """What the service says for itself, in either documented shape (reference section 5)."""
        if not answer.is_json:
            raw = (
                "" if answer.is_html else answer.body[: 8 * LONGEST_TEXT].decode("utf-8", "replace")
            )
            return self._safe(raw.strip())
        texts = [
            f"{text} (code {code})" if code is not None else text for code, text in _errors(answer)
        ]
        return self._safe(" ".join(texts))

    def _safe(self, text: str) -> str:
        return shortened(self.mask(text), LONGEST_TEXT)


def says_errors(answer: ApiResponse) -> bool:
    """Whether the body is an error of the API itself: an object with `errors` in it."""
    return isinstance(answer.document, dict) and bool(answer.document.get("errors"))


def _errors(answer: ApiResponse) -> Iterator[tuple[int | None, str]]:
    document = answer.document
    if not isinstance(document, dict):
        return
    errors = document.get("errors") or [document]
    for error in errors if isinstance(errors, list) else [errors]:
        code, text = _error(error)
        if text or code is not None:
            yield code, text


def _error(error: Json) -> tuple[int | None, str]:
    if not isinstance(error, dict):
        return None, error if isinstance(error, str) else ""
    code = error.get("code")
    text = next(
        (text for name in ("message", "description") if isinstance(text := error.get(name), str)),
        "",
    )
    return (code if type(code) is int else None), text
