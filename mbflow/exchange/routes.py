"""The table of endpoints. Everything that is served stands here, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, Rule

from mbflow.exchange import (
    calls,
    flows,
    legs,
    numbers,
    recordings,
    transcriptions,
    webhooks,
)
from mbflow.exchange.answers import NOT_ALLOWED, NOT_FOUND, Refused
from mbflow.exchange.context import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. Each also answers with a slash at its end, and below `/v1`."""

    method: str
    path: str
    handler: Handler
    summary: str
    success: int = 200

    @property
    def writes(self) -> bool:
        return self.method != "GET"


_LEG = "/calls/<call>/legs/<leg>"
_LONG = f"{_LEG}/recordings/<recording>"
_SHORT = "/recordings/<recording>"

ROUTES = (
    Route("GET", "/call-flows", flows.list_flows, "List the call flows."),
    Route("POST", "/call-flows", flows.create_flow, "Create a call flow.", 201),
    Route("GET", "/call-flows/<flow>", flows.get_flow, "Read a call flow."),
    Route("PUT", "/call-flows/<flow>", flows.update_flow, "Replace a call flow."),
    Route("DELETE", "/call-flows/<flow>", flows.delete_flow, "Delete a call flow.", 204),
    Route("GET", "/call-flows/<flow>/numbers", numbers.list_numbers, "List a flow's numbers."),
    Route("POST", "/call-flows/<flow>/numbers", numbers.add_numbers, "Bind numbers.", 201),
    Route("PUT", "/call-flows/<flow>/numbers", numbers.replace_numbers, "Replace the numbers."),
    Route("GET", "/numbers/<number>", numbers.get_number, "Read a number of a call flow."),
    Route("GET", "/calls", calls.list_calls, "List the calls."),
    Route("POST", "/calls", calls.create_call, "Call a destination.", 201),
    Route("GET", "/calls/<call>", calls.get_call, "Read a call."),
    Route("PUT", "/calls/<call>", calls.update_call, "Give a running call another flow."),
    Route("DELETE", "/calls/<call>", calls.delete_call, "Hang up a call.", 204),
    Route("POST", "/calls/<call>/<address:destination>", calls.add_party, "Add a party.", 201),
    Route("GET", "/calls/<call>/legs", legs.list_legs, "List the legs of a call."),
    Route("GET", _LEG, legs.get_leg, "Read a leg."),
    Route("DELETE", "/legs/<leg>", legs.delete_leg, "Hang up a leg.", 204),
    Route("POST", "/legs/<leg>/hold", legs.hold_leg, "Put a leg on hold."),
    Route("POST", "/legs/<leg>/unhold", legs.unhold_leg, "Take a leg off hold."),
    Route("GET", f"{_LEG}/recordings", recordings.list_recordings, "List a leg's recordings."),
    *(
        route
        for path in (_LONG, _SHORT)
        for route in (
            Route("GET", path, recordings.get_recording, "Read a recording."),
            Route("DELETE", path, recordings.delete_recording, "Delete a recording.", 204),
            Route("GET", f"{path}.wav", recordings.get_audio, "Download a recording."),
            Route(
                "GET",
                f"{path}/transcriptions",
                transcriptions.list_transcriptions,
                "List the transcriptions of a recording.",
            ),
            Route(
                "POST",
                f"{path}/transcriptions",
                transcriptions.create_transcription,
                "Have a recording transcribed.",
                201,
            ),
        )
    ),
    *(
        route
        for path in (f"{_LONG}/transcriptions/<transcription>", "/transcriptions/<transcription>")
        for route in (
            Route("GET", path, transcriptions.get_transcription, "Read a transcription."),
            Route("GET", f"{path}.txt", transcriptions.get_text, "Download a transcription."),
        )
    ),
    Route("GET", "/webhooks", webhooks.list_webhooks, "List the webhooks."),
    Route("POST", "/webhooks", webhooks.create_webhook, "Create a webhook.", 201),
    Route("GET", "/webhooks/<webhook>", webhooks.get_webhook, "Read a webhook."),
    Route("PUT", "/webhooks/<webhook>", webhooks.update_webhook, "Change a webhook."),
    Route("DELETE", "/webhooks/<webhook>", webhooks.delete_webhook, "Delete a webhook.", 204),
)


class _Address(BaseConverter):
    """Whom a call may be made to, so that other paths below a call stay unknown."""

    regex = calls.ADDRESS
    part_isolating = True


_URLS = Map(
    [Rule(route.path, endpoint=route, methods=[route.method]) for route in ROUTES],
    converters={"address": _Address},
    strict_slashes=True,
    merge_slashes=False,
).bind("exchange")


def route_of(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint for a request and the ids in its path; refused with 404 or 405."""
    try:
        route, ids = _URLS.match(path, method=method)
        return route, dict(ids)
    except NotFound as error:
        raise Refused(404, (NOT_FOUND, "There is nothing at this path.")) from error
    except MethodNotAllowed as error:
        allowed = ", ".join(sorted(error.valid_methods or ()))
        raise Refused(
            405,
            (NOT_ALLOWED, f"The method {method} is not allowed here."),
            headers=(("Allow", allowed),),
        ) from error
