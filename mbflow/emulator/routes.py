"""The table of endpoints. Everything that is served stands here, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, Rule

from mbflow.emulator import calls, flows, legs, numbers, recordings, transcriptions, webhooks
from mbflow.emulator.context import Handler
from mbflow.emulator.requests import Request
from mbflow.emulator.responses import not_allowed, nothing_at


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. Each also answers with a slash at its end, and below `/v1`."""

    method: str
    path: str
    handler: Handler
    summary: str
    returns: str = ""
    """The kind of object in the answer: `Call`, `Call[]` for a list, `wav` or `txt` for a file."""
    accepts: str = ""
    """The kind of object in the request."""
    success: int = 200
    conflicts: bool = False
    """Whether it may be refused because of the state that the object is in."""

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_list(self) -> bool:
        return self.returns.endswith("[]")


def _get(path: str, handler: Handler, summary: str, returns: str) -> Endpoint:
    return Endpoint("GET", path, handler, summary, returns)


def _post(path: str, handler: Handler, summary: str, returns: str, accepts: str) -> Endpoint:
    return Endpoint("POST", path, handler, summary, returns, accepts, 201)


def _put(path: str, handler: Handler, summary: str, returns: str, accepts: str) -> Endpoint:
    return Endpoint("PUT", path, handler, summary, returns, accepts)


def _delete(path: str, handler: Handler, summary: str) -> Endpoint:
    return Endpoint("DELETE", path, handler, summary, success=204)


_FLOW = "/call-flows/<flow>"
_CALL = "/calls/<call>"
_LEG = "/calls/<call>/legs/<leg>"
_HOOK = "/webhooks/<webhook>"


def _recordings(path: str) -> tuple[Endpoint, ...]:
    """The endpoints of one recording, below its leg or by itself."""
    order = transcriptions.create_transcription
    return (
        _get(path, recordings.get_recording, "Read a recording.", "Recording"),
        _get(f"{path}.wav", recordings.get_audio, "Download a recording.", "wav"),
        _delete(path, recordings.delete_recording, "Delete a recording."),
        _get(
            f"{path}/transcriptions",
            transcriptions.list_transcriptions,
            "List the transcriptions of a recording.",
            "Transcription[]",
        ),
        replace(
            _post(
                f"{path}/transcriptions",
                order,
                "Have a recording transcribed.",
                "Transcription",
                "Language",
            ),
            conflicts=True,
        ),
    )


def _transcriptions(path: str) -> tuple[Endpoint, ...]:
    return (
        _get(path, transcriptions.get_transcription, "Read a transcription.", "Transcription"),
        _get(f"{path}.txt", transcriptions.get_text, "Download a transcription.", "txt"),
    )


ROUTES = (
    _get("/call-flows", flows.list_flows, "List the call flows.", "CallFlow[]"),
    _post("/call-flows", flows.create_flow, "Create a call flow.", "CallFlow", "NewCallFlow"),
    _get(_FLOW, flows.get_flow, "Read a call flow.", "CallFlow"),
    _put(_FLOW, flows.update_flow, "Replace a call flow.", "CallFlow", "NewCallFlow"),
    _delete(_FLOW, flows.delete_flow, "Delete a call flow."),
    _get(f"{_FLOW}/numbers", numbers.list_numbers, "List a flow's numbers.", "Number[]"),
    _post(f"{_FLOW}/numbers", numbers.add_numbers, "Bind numbers.", "Number[]", "Numbers"),
    _put(
        f"{_FLOW}/numbers", numbers.replace_numbers, "Replace the numbers.", "Number[]", "Numbers"
    ),
    _get("/numbers/<number>", numbers.get_number, "Read a number of a call flow.", "Number"),
    _get("/calls", calls.list_calls, "List the calls.", "Call[]"),
    _post("/calls", calls.create_call, "Call a destination.", "Call", "NewCall"),
    _get(_CALL, calls.get_call, "Read a call.", "Call"),
    Endpoint(
        "PUT",
        _CALL,
        calls.update_call,
        "Give a running call another flow.",
        "Call",
        "OtherFlow",
        conflicts=True,
    ),
    _delete(_CALL, calls.delete_call, "Hang up a call."),
    Endpoint(
        "POST",
        f"{_CALL}/<address:destination>",
        calls.add_callee,
        "Call another party into a call.",
        "Leg",
        success=201,
        conflicts=True,
    ),
    _get(f"{_CALL}/legs", legs.list_legs, "List the legs of a call.", "Leg[]"),
    _get(_LEG, legs.get_leg, "Read a leg.", "Leg"),
    _delete("/legs/<leg>", legs.delete_leg, "Hang up a leg."),
    Endpoint("POST", "/legs/<leg>/hold", legs.hold_leg, "Put on hold.", "Leg", conflicts=True),
    Endpoint(
        "POST", "/legs/<leg>/unhold", legs.unhold_leg, "Take off hold.", "Leg", conflicts=True
    ),
    _get(
        f"{_LEG}/recordings", recordings.list_recordings, "List a leg's recordings.", "Recording[]"
    ),
    *_recordings(f"{_LEG}/recordings/<id:recording>"),
    *_recordings("/recordings/<id:recording>"),
    *_transcriptions(f"{_LEG}/recordings/<id:recording>/transcriptions/<id:transcription>"),
    *_transcriptions("/transcriptions/<id:transcription>"),
    _get("/webhooks", webhooks.list_webhooks, "List the webhooks.", "Webhook[]"),
    _post("/webhooks", webhooks.create_webhook, "Create a webhook.", "Webhook", "NewWebhook"),
    _get(_HOOK, webhooks.get_webhook, "Read a webhook.", "Webhook"),
    _put(_HOOK, webhooks.update_webhook, "Change a webhook.", "Webhook", "WebhookChange"),
    _delete(_HOOK, webhooks.delete_webhook, "Delete a webhook."),
)


class _Address(BaseConverter):
    """Whom a call may be made to, so that other paths below a call stay unknown."""

    regex = calls.ADDRESS
    part_isolating = True


class _Id(BaseConverter):
    """What has no ending, so that a file's path is not taken for that of an object."""

    regex = "[^/.]+"


_URLS = Map(
    [Rule(route.path, endpoint=route, methods=[route.method]) for route in ROUTES],
    converters={"address": _Address, "id": _Id},
    strict_slashes=True,
    merge_slashes=False,
).bind("emulator")


def route_of(request: Request) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint for a request and the ids in its path; refused with 404 or 405."""
    if request.path.startswith("//"):  # which werkzeug takes for one slash
        raise nothing_at(request.asked)
    try:
        route, ids = _URLS.match(request.path, method=request.method)
        return route, dict(ids)
    except NotFound as error:
        raise nothing_at(request.asked) from error
    except MethodNotAllowed as error:
        allowed = list(error.valid_methods or ())
        raise not_allowed(request.method, request.asked, allowed) from error
