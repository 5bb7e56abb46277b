"""The client of the Voice Calling API: call flows and their numbers, as values.

The other resources are functions over a client: `calls`, `legs`, `recordings`, `transcriptions`,
`webhooks`. Reads repeat what may be repeated; a write that was sent is never sent again from here.
The class of a failure tells what it leaves behind (`errors`).
"""

from __future__ import annotations

import random as chance
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import httpx

from mbflow import __version__
from mbflow.api.access_key import AccessKey, mask_of
from mbflow.api.errors import Messages, NoNumbersEndpoint, Rejected
from mbflow.api.http import ApiRequest, NotTheEnvelope, json_bytes, only_item, quote_id
from mbflow.api.pagination import Lists
from mbflow.api.parallel import in_parallel
from mbflow.api.request_log import RequestLog
from mbflow.api.retry import Gate, Sender
from mbflow.api.transport import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Connections,
    ReadOnlyTransport,
    address_of,
    network,
)
from mbflow.model.errors import Error
from mbflow.model.flow import Body, Json, Number, RawBody, RawFlow
from mbflow.model.progress import SILENT, Progress

Argument = TypeVar("Argument")
Made = TypeVar("Made")

API_VERSION = "20170314"
"""The only version that was ever published (reference section 1)."""
FLOWS = "/call-flows"
_NO_SUCH_ADDRESS = {404, 405}


class Client:
    """One account of one service. A context manager; safe to use from several threads."""

    def __init__(
        self,
        endpoint: str,
        access_key: str | None,
        *,
        can_write: bool,
        workers: int = 8,
        transport: Callable[[], httpx.BaseTransport] | None = None,
        key_source: str = "",
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        sleep: Callable[[float], object] | None = None,
        random: Callable[[], float] = chance.random,
        clock: Callable[[], float] = time.monotonic,
        on_close: Callable[[], object] | None = None,
        secrets: Collection[str] = (),
        progress: Progress = SILENT,
        tell: Callable[[str], object] | None = None,
    ) -> None:
        """Open nothing yet.

        `endpoint` is `embedded` (then `transport` is needed) or an http(s) address; `workers` is
        the number of connections; `key_source` names the process variable of the key for
        messages; timeouts are in seconds; `sleep` takes the place of waits that `interrupt` ends;
        `on_close` runs last when the client is closed; `secrets` are texts that no message shows;
        `progress` hears how far lists are read, and `tell` gets a line for each request.
        """
        base = address_of(endpoint)
        make_transport, proxy = (transport, None) if transport else network(base)
        key = None if access_key is None else AccessKey(access_key, key_source)
        self.endpoint = endpoint
        self.can_write = can_write
        self.workers = workers
        self.progress = progress
        self._gate = Gate(sleep, clock)
        self._on_close = on_close
        messages = Messages(
            endpoint, key_source, mask_of(key, secrets), proxy.place if proxy else ""
        )
        log = None if tell is None else RequestLog(tell, messages.mask)
        self._connections = Connections(
            make_transport if can_write else lambda: ReadOnlyTransport(make_transport()),
            base=str(base).rstrip("/"),
            headers=_headers(key),
            count=workers,
            timeout=httpx.Timeout(read_timeout, connect=connect_timeout, pool=None),
            proxy=proxy,
            log=log,
        )
        self.sender = Sender(self._connections, messages, self._gate, random, log)
        self.lists = Lists(self.sender, workers, progress)

    def __repr__(self) -> str:
        return f"Client({self.endpoint!r}, can_write={self.can_write})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._gate.interrupt()
        self._connections.close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None

    def interrupt(self) -> None:
        """End all waiting; requests that wait are not sent (`NotSent`), those in flight go on."""
        self._gate.interrupt()

    def read_each(
        self, label: str, read: Callable[[Argument], Made], arguments: Sequence[Argument]
    ) -> list[Made]:
        """What `read` gives for each argument, asked for by all workers; as `in_parallel`."""
        with self.progress.begin(label, len(arguments)) as part:
            return in_parallel(part.counts(read), arguments, self.workers)

    def wait(self, seconds: float) -> None:
        """Sleep, unless or until somebody interrupts the client."""
        self._gate.pause(seconds)

    def list_call_flows(self) -> list[RawFlow]:
        """Every call flow of the account, in the service's order, or `IncompleteListing`."""
        return self.list_call_flows_as(lambda flow: flow)

    def list_call_flows_as(self, make: Callable[[RawFlow], Made]) -> list[Made]:
        """The same, but of each what `make` makes of it as soon as its page is there."""
        return self.lists.read_whole(FLOWS, "call flows", lambda body: make(_raw_flow(body)))

    def get_call_flow(self, flow_id: str) -> RawFlow | None:
        """The call flow, or None when the API itself says that there is none (404)."""
        return self.sender.find(ApiRequest("GET", _flow_path(flow_id)), partial(_flow, flow_id))

    def create_call_flow(self, body: RawBody) -> RawFlow:
        """POST it, once; the flow as the service answered it."""
        request = ApiRequest("POST", FLOWS, content=json_bytes(body))
        return self.sender.read(request, partial(_flow, None))

    def update_call_flow(self, flow_id: str, body: RawBody) -> RawFlow:
        """PUT it in the place of the whole flow, once; the flow as the service answered it."""
        request = ApiRequest("PUT", _flow_path(flow_id), content=json_bytes(body))
        return self.sender.read(request, partial(_flow, flow_id))

    def delete_call_flow(self, flow_id: str) -> None:
        """DELETE it, once. A flow that is not there is `Rejected` with the status 404."""
        self.sender.send(ApiRequest("DELETE", _flow_path(flow_id)))

    def list_numbers(self, flow_id: str) -> list[Number]:
        """Every number that leads to the flow.

        Raises `NoNumbersEndpoint` when the service has the flow but no such address.
        """
        path = f"{_flow_path(flow_id)}/numbers"
        try:
            return self.lists.read_whole(path, "numbers", partial(_number, flow_id))
        except Rejected as rejection:
            if rejection.status not in _NO_SUCH_ADDRESS:
                raise
            refusal = rejection
        if self.get_call_flow(flow_id) is None:
            raise refusal
        raise NoNumbersEndpoint("The service cannot say which numbers lead to a call flow.")

    def assign_numbers(self, flow_id: str, numbers: Sequence[str]) -> None:
        """Let the numbers (digits, no plus) lead to the flow; reference section 2.2."""
        content = json_bytes({"numbers": list(numbers)})
        self.sender.send(ApiRequest("POST", f"{_flow_path(flow_id)}/numbers", content=content))


def _headers(key: AccessKey | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "User-Agent": f"mbflow/{__version__}",
        "X-MessageBird-Version": API_VERSION,
    }
    return headers | ({"Authorization": key.header} if key else {})


def _flow(flow_id: str | None, document: Json) -> RawFlow:
    """The flow of an answer, which must be the one that was asked for, where that has an id."""
    flow = only_item(document)
    if flow_id is not None and flow["id"] != flow_id:
        raise NotTheEnvelope("its answer is about another call flow,", str(flow["id"]))
    return _raw_flow(flow)


def _flow_path(flow_id: str) -> str:
    """The path of one flow; an id that would make it another address is refused."""
    quoted = quote_id(flow_id)
    if quoted is None:
        raise Error(f"`{flow_id}` is not the id of a call flow.")
    return f"{FLOWS}/{quoted}"


def _raw_flow(body: Body) -> RawFlow:
    return RawFlow(str(body["id"]), RawBody(body))


def _number(flow_id: str, item: Body) -> Number:
    flow = item.get("callFlowId")
    return Number(
        id=str(item["id"]),
        # The service's documentation shows digits without a plus; an SDK's fixture has one.
        number=str(item.get("number", "")).lstrip("+"),
        call_flow_id=flow if isinstance(flow, str) and flow else flow_id,
    )
