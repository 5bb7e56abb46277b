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
from mbflow.model.paths import path_text, text_paths, value_at
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


LONGEST_TEXT = 500
"""Characters of the service's own text in a message."""

WRONG_ENDPOINT = "Is this the right endpoint? It is set in mbflow.yaml."


@dataclass(frozen=True, slots=True)
class Messages:
    """What messages need to know: where requests go, where the key is from, how to mask it."""

    endpoint: str
    key_source: str
    mask: Callable[[str], str]
    proxy: str = ""
    """What the answers come through."""

    def failure(self, request: ApiRequest, outcome: ApiResponse | Trouble) -> ApiError:
        """The exception for an outcome that is final."""
        if isinstance(outcome, Trouble):
            return self._trouble(request, outcome)
        if 400 <= outcome.status < 500 and outcome.status != 408:
            return self._rejection(request, outcome)
        reason, said = self._reason(outcome)
        return self.unclear(request, reason, *self._advice(outcome), said=said)

    def unclear(self, request: ApiRequest, reason: str, *details: str, said: str = "") -> ApiError:
        """For an answer that says nothing: unreadable for GET, unknown for a write.

        `reason` is in mbflow's words, `said` in those of others.
        """
        reason = self._quoting(reason, said)
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
            return self.unclear(request, trouble.text, *advice, said=trouble.said)
        reason = self._quoting(trouble.text, trouble.said)
        proxy = f"The proxy {trouble.proxy} {reason}."
        return NotSent(
            proxy if trouble.proxy else f"{self._service} cannot be reached: {reason}.",
            *advice,
            f"{request.text} was not sent.",
        )

    def _rejection(self, request: ApiRequest, answer: ApiResponse) -> Rejected:
        text = self._safe(_text(answer))
        summary, *details = self._refusal(request, answer)
        said = [f"The service says: {text}"] if text else []
        page = ["The answer is an HTML page."] if answer.is_html else []
        return Rejected(
            summary,
            *dict.fromkeys([*said, *page, *self._origin(answer), *details]),
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

    def _reason(self, answer: ApiResponse) -> tuple[str, str]:
        """In mbflow's words, and in the service's."""
        if answer.is_html:
            return f"it answered {answer.status} with an HTML page instead of JSON", ""
        if 300 <= answer.status < 400:
            target = answer.headers.get("Location", "")
            return f"it answered {answer.status}, a redirect to", target or "nowhere"
        if answer.is_success and not answer.is_json:
            return f"its answer ({answer.status}) is not JSON", ""
        text = _text(answer).rstrip(".")
        return f"it answered {answer.status}" + (", saying:" if text else ""), text

    def _advice(self, answer: ApiResponse) -> list[str]:
        if 300 <= answer.status < 400:
            return ["mbflow does not follow redirects: name the final address as the endpoint."]
        return self._origin(answer)

    def _origin(self, answer: ApiResponse) -> list[str]:
        """Who may have answered in the place of the API."""
        if says_errors(answer):
            return []
        if self.proxy:
            return [f"The answer came through the proxy {self.proxy}: it may be its own."]
        return [WRONG_ENDPOINT] if answer.is_html and answer.status < 500 else []

    def _quoting(self, text: str, said: str) -> str:
        """Only what others said is masked: a short key must not garble mbflow's own words."""
        said = self._safe(said)
        return f"{text} {said}" if said else text

    def _safe(self, text: str) -> str:
        return shortened(self.mask(text), LONGEST_TEXT)


def _text(answer: ApiResponse) -> str:
    """What the service says for itself, in whatever shape (the usual: reference section 5)."""
    if not answer.is_json:
        raw = b"" if answer.is_html else answer.body[: 8 * LONGEST_TEXT]
        return raw.decode("utf-8", "replace").strip()
    texts = (
        f"{text} (code {code})" if code is not None else text for code, text in _errors(answer)
    )
    return " ".join(texts).strip()


def says_errors(answer: ApiResponse) -> bool:
    """Whether the body is an error of the API itself: an object with `errors` in it."""
    return isinstance(answer.document, dict) and bool(answer.document.get("errors"))


def _errors(answer: ApiResponse) -> Iterator[tuple[int | None, str]]:
    document = answer.document
    errors = (isinstance(document, dict) and document.get("errors")) or document
    for error in errors if isinstance(errors, list) else [errors]:
        code, text = _error(error)
        if text or code is not None:
            yield code, text


def _error(error: Json) -> tuple[int | None, str]:
    """The code and the text; where it is none of the API's, every text that it holds."""
    known = error if isinstance(error, dict) else {}
    code, named = known.get("code"), (known.get("message"), known.get("description"))
    text = next((text for text in named if isinstance(text, str) and text), "")
    return (code if type(code) is int else None), text or _texts(error)


def _texts(document: Json) -> str:
    """`steps[0]: is needed; steps[1]: is wrong`."""
    found = ((path_text(path), value_at(document, path)) for path in text_paths(document, bool))
    return "; ".join(f"{name}: {text}" if name else str(text) for name, text in found)
