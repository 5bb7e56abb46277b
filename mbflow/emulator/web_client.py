"""Requests to web servers: signed, bounded in time and size, loopback unless allowed otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from jwt.algorithms import HMACAlgorithm

from mbflow.emulator.flow_checks import ACTIONS, OPTIONS, STEP_VALUES, flow_faults, fold_flow
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import ErrorResponse
from mbflow.model.flow import Body, Json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_VALID_SECONDS = 60


def signature(token: str, url: str, body: bytes, *, legacy: bool = False) -> dict[str, str]:
    """The headers that sign a request to `url`; none without a token."""
    if not token:
        return {}
    return _legacy(token, url, body) if legacy else _jwt(token, url, body)


def _jwt(token: str, url: str, body: bytes) -> dict[str, str]:
    now = int(time.time())
    claims = {
        "iss": "MessageBird",
        "iat": now,
        "nbf": now,
        "exp": now + _VALID_SECONDS,
        "jti": str(uuid.uuid4()),
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
    }
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    token_text = _signer().encode(json.dumps(claims).encode(), token, "HS256", {"typ": "JWT"})
    return {"MessageBird-Signature-JWT": token_text}


class _AnyKey(HMACAlgorithm):
    """Tokens are what users chose: one that is short, or looks like a key file, is no mistake."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key

    def check_key_length(self, key: bytes) -> None:
        return None


@cache
def _signer() -> jwt.PyJWS:
    signer = jwt.PyJWS()
    signer.unregister_algorithm("HS256")
    signer.register_algorithm("HS256", _AnyKey(HMACAlgorithm.SHA256))
    return signer


def _legacy(token: str, url: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    query = urlencode(sorted(parse_qsl(urlsplit(url).query, keep_blank_values=True)))
    signed = f"{moment}\n{query}\n".encode() + hashlib.sha256(body).digest()
    digest = hmac.new(token.encode(), signed, hashlib.sha256).digest()
    return {
        "MessageBird-Request-Timestamp": moment,
        "MessageBird-Signature": base64.b64encode(digest).decode(),
    }


LARGEST = 64 * 1024
"""An answer may have fewer bytes than this, as a request to the API may."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came of a request. `problem` says in words why there is no whole answer."""

    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    problem: str = ""

    @property
    def is_success(self) -> bool:
        return not self.problem and self.status is not None and 200 <= self.status < 300


class WebClient:
    """One HTTP client for all that the emulator sends. Safe between threads."""

    def __init__(self, *, anywhere: bool, seconds: float) -> None:
        self._anywhere = anywhere
        self._seconds = seconds
        # No proxy, no redirect: what is loopback must stay so.
        self._client = httpx.Client(
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "mbflow-emulator", "Accept": "*/*"},
        )

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> WebAnswer:
        """Never raises for what a web server or an address may do."""
        if not self._anywhere and not is_loopback(url):
            return WebAnswer(problem="not a loopback address")
        until = time.monotonic() + self._seconds
        try:
            with self._client.stream(
                method, url, headers=dict(headers), content=body or None
            ) as response:
                return _read(response, until)
        except httpx.TimeoutException:
            return WebAnswer(problem=f"no answer within {self._seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return WebAnswer(problem=str(error) or type(error).__name__)

    def close(self) -> None:
        self._client.close()


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own. Names other than localhost are not looked up."""
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False


def _read(response: httpx.Response, until: float) -> WebAnswer:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= LARGEST:
            return WebAnswer(response.status_code, problem=f"more than {LARGEST} bytes")
        if time.monotonic() > until:
            return WebAnswer(response.status_code, problem="too slow")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return WebAnswer(response.status_code, body, kind)


_XML_TYPES = ("application/xml", "text/xml")
_PROLOG = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")
_ACTIONS = {name[0].upper() + name[1:]: name for name in ACTIONS}
_ON_STEP = {name for name in STEP_VALUES if name != "action"}


class NoFlow(Exception):
    """The answer holds no call flow; the text says why."""


def flow_of(body: bytes, content_type: str) -> Body:
    """The call flow of an answer, every step with an id; raises `NoFlow`."""
    is_xml = content_type in _XML_TYPES or body.lstrip().startswith(b"<")
    flow = fold_flow(_xml_flow(body) if is_xml else _json_flow(body))
    if faults := flow_faults(flow):
        raise NoFlow(faults[0][1])
    steps = flow["steps"]
    assert isinstance(steps, list)
    named = [{"id": str(uuid.uuid4()), **step} for step in steps if isinstance(step, dict)]
    return {**flow, "steps": named}  # type: ignore[dict-item]


def _json_flow(body: bytes) -> Body:
    try:
        value = json_of(body)
    except ErrorResponse as error:
        raise NoFlow(error.reason.replace("request body", "answer")) from error
    if not isinstance(value, dict):
        raise NoFlow("The answer must be a JSON object.")
    return value


def _xml_flow(body: bytes) -> Body:
    """Several actions may stand side by side, without an element around them."""
    try:
        root = fromstring(b"<CallFlow>" + _PROLOG.sub(b"", body) + b"</CallFlow>", forbid_dtd=True)
    except (SyntaxError, ValueError, DefusedXmlException) as error:
        raise NoFlow(f"The answer is not XML: {error}.") from error
    elements = list(root)
    if len(elements) == 1 and elements[0].tag not in _ACTIONS:
        elements = list(elements[0])
    steps: list[Json] = [_step(element) for element in elements]
    return {"title": "XML Call flow", "record": False, "steps": steps}


def _step(element: Element) -> Body:
    if element.tag not in _ACTIONS:
        raise NoFlow(f"The element {element.tag} is none of {', '.join(_ACTIONS)}.")
    step: Body = {"action": _ACTIONS[element.tag]}
    options: Body = {}
    for name, value in element.attrib.items():
        (step if name in _ON_STEP else options)[name] = _value(name, value)
    if step["action"] == "say":
        options["payload"] = (element.text or "").strip()
    return {**step, "options": options} if options else step


def _value(name: str, text: str) -> Json:
    """Attributes are texts; numbers and flags become what JSON has for them."""
    known = {**OPTIONS, **STEP_VALUES}.get(name)
    if known and known.kind == "number" and re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    if known and known.kind == "flag" and text in ("true", "false"):
        return text == "true"
    return text
