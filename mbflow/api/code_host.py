"""JSON of a code host, GitHub or GitLab: read, sent, listed page by page, downloaded.

It goes the way of the Voice API's requests: the same proxies, certificates, waits and tries. A
write that was sent is never sent again from here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from mbflow.api.access_key import AccessKey, mask_of
from mbflow.api.errors import Messages, Rejected, Unreadable
from mbflow.api.http import ApiRequest, ApiResponse, json_bytes, read_response
from mbflow.api.retry import Gate, Sender
from mbflow.api.transport import CONNECT_TIMEOUT, READ_TIMEOUT, Connections, address_of, network
from mbflow.model.flow import Body, Json

PAGE = 100
_MOST_PAGES = 100
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class _Words(Messages):
    """The refusals of a code host, which knows tokens and no access keys."""

    def _refusal(self, request: ApiRequest, answer: ApiResponse) -> tuple[str, ...]:
        if answer.status in (401, 403, 404):
            return (f"{self.key_source} may not do this ({answer.status}): {request.text}.",)
        return Messages._refusal(self, request, answer)


class CodeHost:
    """One code host, asked with one token. To be closed."""

    def __init__(
        self, endpoint: str, token: str, source: str, headers: Callable[[str], Mapping[str, str]]
    ) -> None:
        """`source` is the process variable of the token, `headers` what it is sent in."""
        self._mask = mask_of(AccessKey(token, source), ())
        self._source = source
        self._is_secure = address_of(endpoint).scheme == "https"
        self._open: list[Connections] = []
        self._sender = self._to(endpoint, headers(token))

    def close(self) -> None:
        for connections in self._open:
            connections.close()

    def get(self, path: str) -> Json:
        return self._answer(ApiRequest("GET", path)).document

    def send(self, method: str, path: str, document: Body) -> Json:
        """POST, PUT or PATCH; once."""
        return self._answer(ApiRequest(method, path, content=json_bytes(document))).document

    def listed(self, path: str, key: str = "") -> Iterator[Body]:
        """The objects of a list, page after page; `key` is where the list stands, if anywhere."""
        more = "&" if "?" in path else "?"
        for page in range(1, _MOST_PAGES + 1):
            document = self.get(f"{path}{more}per_page={PAGE}&page={page}")
            found = document.get(key) if key and isinstance(document, dict) else document
            if not isinstance(found, list):
                raise Unreadable(f"The answer to GET {path} is not a list.")
            yield from (one for one in found if isinstance(one, dict))
            if len(found) < PAGE:
                return

    def download(self, path: str) -> bytes | None:
        """A file; None where there is none. The token stays here where it lies elsewhere."""
        try:
            answer = self._answer(ApiRequest("GET", path, accept="*/*"), also=_REDIRECTS)
        except Rejected as refusal:
            if refusal.status in (404, 410):
                return None
            raise
        if answer.is_success:
            return answer.body
        try:
            place = urlsplit(answer.headers.get("Location", ""))
        except ValueError:
            place = urlsplit("")
        if place.scheme not in ("https", "http") or (self._is_secure and place.scheme != "https"):
            raise Unreadable(f"GET {path} is redirected to no address that can be asked.")
        elsewhere = self._to(f"{place.scheme}://{place.netloc}", {})
        rest = f"{place.path}?{place.query}" if place.query else place.path
        return elsewhere.fetch(ApiRequest("GET", rest, accept="*/*"), read_response).body

    def _answer(self, request: ApiRequest, also: tuple[int, ...] = ()) -> ApiResponse:
        return self._sender.fetch(request, read_response, also)

    def _to(self, endpoint: str, headers: Mapping[str, str]) -> Sender:
        base = address_of(endpoint)
        make_transport, proxy = network(base)
        connections = Connections(
            make_transport,
            base=str(base).rstrip("/"),
            headers={"User-Agent": "mbflow", **headers},
            count=1,
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT, pool=None),
            proxy=proxy,
        )
        self._open.append(connections)
        words = _Words(endpoint, self._source, self._mask, proxy.place if proxy else "")
        return Sender(connections, words, Gate(None), random.random)
