"""Calls: started, read, watched, changed while they run, hung up (reference 2.1, 2.2 and 7).

A call is `{"id", "status", "source", "destination", "createdAt", "endedAt", ...}`, as the service
sent it. All functions raise what `Sender.send` raises, and `Error` for an id that cannot stand in
an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import ne
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError, OutcomeUnknown
from mbflow.api.http import Listing
from mbflow.api.legs import list_legs
from mbflow.api.resource import act, address, create, delete, read_list, read_one, replace
from mbflow.api.retry import poll
from mbflow.model.errors import PartialError
from mbflow.model.flow import Body, RawBody
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.client import Client

ANSWERED = "ended"
OVER = {ANSWERED, "busy", "no_answer", "failed"}
"""States that a call stays in (reference section 14.3)."""
PAUSES_AFTER_HANGUP = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds: the service shows the end about one second after the DELETE."""
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class CallWithLegs:
    """A call and its legs at one moment."""

    call: Body
    legs: tuple[Body, ...]


def list_calls(client: Client, limit: int | None = None) -> Listing:
    """The first `limit` calls of the account, newest first, or all (3)."""
    return read_list(client, address("calls"), "calls", limit)


def get_call(client: Client, call_id: str) -> Body | None:
    """The call, or None when the service says that there is none."""
    return read_one(client, address("calls", call_id))


def get_call_with_legs(client: Client, call_id: str) -> CallWithLegs | None:
    """The legs are read after the call, so that a call that is over has its last legs."""
    call = get_call(client, call_id)
    return None if call is None else CallWithLegs(call, tuple(list_legs(client, call_id).items))


def start_call(
    client: Client, flow: RawBody, *, source: str, destination: str, webhook: Body | None = None
) -> Body:
    """POST it, once: it rings at `destination` and goes through `flow`.

    `source` and `destination` are numbers without a plus; `destination` may be a SIP or client
    URI; `webhook` is `{"url": ..., "token": ...}`, the token optional. An outcome that is not
    known says where to look.
    """
    body: Body = {"source": source, "destination": destination, "callFlow": flow}
    if webhook is not None:
        body["webhook"] = webhook
    with _where_to_look(
        "The phone may be ringing.", Command("mbflow", "calls", "list", "--limit", "5")
    ):
        return create(client, address("calls"), body)


def update_call(client: Client, call_id: str, flow: RawBody) -> Body:
    """PUT it, once: the running call goes on with `flow`. The call as the service answered it.

    The body is `{"callFlow": ...}`, as when a call is started; no source shows it (reference
    section 2.2).
    """
    with _where_to_look("The call may have the flow.", Command("mbflow", "calls", "get", call_id)):
        return replace(client, address("calls", call_id), {"callFlow": flow})


def add_party(client: Client, call_id: str, destination: str) -> Body | None:
    """POST it, once: `destination` rings and joins the call. Its leg, where it is answered.

    `destination` is digits without a plus, or a SIP or client URI (reference section 2.2).
    """
    with _where_to_look("The phone may be ringing.", Command("mbflow", "legs", "list", call_id)):
        return act(client, address("calls", call_id, destination))


def is_over(call: Body) -> bool:
    """Whether it has a status that it stays in, or an end (14.3)."""
    return call.get("status") in OVER or bool(call.get("endedAt"))


def hang_up(client: Client, call_id: str) -> Body | None:
    """DELETE the call, once, and read it until it is over; None when it is gone then.

    Raises `PartialError` when the service took that but does not show it, and what
    `Sender.send` raises. A call that is not there is `Rejected` with the status 404.
    """
    doubt: OutcomeUnknown | None = None
    try:
        delete(client, address("calls", call_id))
    except OutcomeUnknown as failure:
        doubt = failure
    with client.progress.begin("Waiting for the end of the call"):
        call = poll(
            lambda: get_call(client, call_id),
            lambda call: call is None or is_over(call),
            PAUSES_AFTER_HANGUP,
            client.wait,
        )
    if call is None or is_over(call):
        return call
    if doubt is not None:
        raise doubt
    raise PartialError(
        f"The service took the hangup, but still shows the call as {call.get('status')}.",
        "To look again:",
        Command("mbflow", "calls", "get", call_id),
    )


def watch(client: Client, call_id: str) -> Iterator[CallWithLegs]:
    """The call and its legs, first and whenever something changed, until the call is over.

    Reads at growing intervals while nothing changes. Raises what reading raises, and `ApiError`
    when the call is gone.
    """
    last: CallWithLegs | None = None
    pauses: Iterable[float] = (0.0,)
    while last is None or not is_over(last.call):
        seen = poll(
            lambda: get_call_with_legs(client, call_id),
            partial(ne, last),
            pauses,
            client.wait,
        )
        if seen is None:
            raise ApiError(f"The service does not know the call {call_id} any more.")
        yield seen
        last, pauses = seen, _growing_pauses()


def _growing_pauses() -> Iterator[float]:
    pause = SHORTEST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 1.5)


@contextmanager
def _where_to_look(doubt: str, command: Command) -> Iterator[None]:
    """An outcome that is not known names the command that shows it."""
    try:
        yield
    except OutcomeUnknown as failure:
        raise OutcomeUnknown(
            failure.summary,
            *failure.details,
            f"{doubt} Look before you try again:",
            command,
        ) from failure
