"""The emulator's API as an OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from mbflow.emulator.calls import ADDRESS
from mbflow.emulator.flow_checks import (
    ACTIONS,
    CONDITION_VALUES,
    FLOW_VALUES,
    MAY_BE_EMPTY,
    REQUIRED,
    STEP_VALUES,
    Value,
)
from mbflow.emulator.routes import ROUTES, Endpoint

Shape: TypeAlias = dict[str, Any]

TEXT: Shape = {"type": "string"}
FLAG: Shape = {"type": "boolean"}
COUNT: Shape = {"type": "integer", "minimum": 0}
_ID: Shape = {"type": "string", "minLength": 1}
_MOMENT: Shape = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
_MOMENT_OR_NULL: Shape = {"anyOf": [_MOMENT, {"type": "null"}]}
_LINKS: Shape = {
    "type": "object",
    "required": ["self"],
    "additionalProperties": {"type": "string", "pattern": "^/"},
}
_ADDRESS: Shape = {"type": "string", "pattern": f"^(?:{ADDRESS})$"}
_WEB_ADDRESS: Shape = {"type": "string", "pattern": "^https?://[a-z0-9.]+(/[!-~]*)?$"}
_DATED = {"createdAt": _MOMENT, "updatedAt": _MOMENT}
_MORE = {"_links"}
"""What stands in an object only where it is one of a list, or where an SDK looks for it."""


def shapes() -> dict[str, Shape]:
    """By name: all kinds of objects, those that are taken and those that are given."""
    return {**_taken(), **_given(), "Error": _error()}


def reference(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def envelope(name: str, *, is_list: bool) -> Shape:
    """The body of an answer: one object in a list of one, or a page of a list."""
    data: Shape = {"type": "array", "items": reference(name)}
    if not is_list:
        return _object({"data": {**data, "minItems": 1, "maxItems": 1}, "_links": _LINKS})
    counts = {name: COUNT for name in ("totalCount", "pageCount", "currentPage", "perPage")}
    return _object({"data": data, "_links": _LINKS, "pagination": _object(counts)})


def _taken() -> dict[str, Shape]:
    flow = {name: _value(value) for name, value in FLOW_VALUES.items()}
    forms = {f"{name[0].upper()}{name[1:]}Step": _step(name) for name in ACTIONS}
    steps = {"type": "array", "minItems": 1, "items": {"oneOf": list(map(reference, forms))}}
    hook = {"url": _WEB_ADDRESS, "token": TEXT}
    number = {"type": "string", "pattern": "^[1-9][0-9]{6,14}$"}
    return {
        **forms,
        "Condition": _object({name: _value(value) for name, value in CONDITION_VALUES.items()}),
        "NewCallFlow": {
            "type": "object",
            "required": ["steps"],
            "properties": {**flow, "steps": steps},
        },
        "NewCall": {
            "type": "object",
            "required": ["source", "destination", "callFlow"],
            "properties": {
                "source": _ADDRESS,
                "destination": _ADDRESS,
                "callFlow": reference("NewCallFlow"),
                "webhook": {"type": "object", "required": ["url"], "properties": hook},
            },
        },
        "OtherFlow": {
            "type": "object",
            "required": ["callFlow"],
            "properties": {"callFlow": reference("NewCallFlow")},
        },
        "Numbers": {
            "type": "object",
            "required": ["numbers"],
            "properties": {"numbers": {"type": "array", "items": number}},
        },
        "Language": {
            "type": "object",
            "properties": {
                "language": {"type": "string", "pattern": "^[A-Za-z]{2,3}-[A-Za-z]{2}$"}
            },
        },
        "NewWebhook": {"type": "object", "required": ["url"], "properties": hook},
        "WebhookChange": {"type": "object", "properties": hook},
    }


def _given() -> dict[str, Shape]:
    step = {"type": "object", "required": ["id", "action"], "properties": {"id": _ID}}
    return {
        "CallFlow": {
            "type": "object",
            "required": ["id", "steps", "record", "default", "createdAt", "updatedAt"],
            "properties": {
                "id": _ID,
                "title": TEXT,
                "steps": {"type": "array", "minItems": 1, "items": step},
                "record": FLAG,
                "default": FLAG,
                "maxDuration": COUNT,
                **_DATED,
                "_links": _LINKS,
            },
        },
        "Number": _item({"id": _ID, "number": TEXT, "callFlowId": _ID, **_DATED}),
        "Call": _call(),
        "Leg": _leg(),
        "Recording": _item(
            {
                "id": _ID,
                "format": _among("wav"),
                "legId": _ID,
                "status": _among("initialised", "recording", "done", "failed"),
                "duration": COUNT,
                "type": _among("ivr", "transfer", "call"),
                **_DATED,
                "deletedAt": _MOMENT_OR_NULL,
            }
        ),
        "Transcription": _item(
            {
                "id": _ID,
                "recordingId": _ID,
                "status": _among("created", "transcribing", "done", "failed"),
                **_DATED,
                "legId": _ID,
            }
        ),
        "Webhook": _item({"id": _ID, "url": TEXT, "token": TEXT, **_DATED}, optional=["token"]),
    }


def _call() -> Shape:
    return _item(
        {
            "id": _ID,
            "status": _among(
                "queued", "starting", "ongoing", "ended", "busy", "no_answer", "failed"
            ),
            "source": TEXT,
            "destination": TEXT,
            **_DATED,
            "endedAt": _MOMENT_OR_NULL,
        }
    )


def _leg() -> Shape:
    return _item(
        {
            "id": _ID,
            "callId": _ID,
            "source": TEXT,
            "destination": TEXT,
            "status": _among(
                "starting", "ringing", "ongoing", "busy", "no_answer", "failed", "hangup"
            ),
            "direction": _among("incoming", "outgoing"),
            "cost": {"type": "number", "minimum": 0},
            "currency": TEXT,
            "duration": COUNT,
            **_DATED,
            "answeredAt": _MOMENT_OR_NULL,
            "endedAt": _MOMENT_OR_NULL,
            "sipResponseCode": COUNT,
        },
        optional=["sipResponseCode"],
    )


def _error() -> Shape:
    entry = _object({"message": TEXT, "code": {"type": "integer"}})
    return _object(
        {"data": {"type": "null"}, "errors": {"type": "array", "minItems": 1, "items": entry}}
    )


def _step(action: str) -> Shape:
    options = {name: _value(value) for name, value in ACTIONS[action].items()}
    required = list(REQUIRED.get(action, ()))
    for name in required:
        if name not in MAY_BE_EMPTY:
            options[name] = _filled(options[name])
    keys = {name: _value(value) for name, value in STEP_VALUES.items()}
    return {
        "type": "object",
        "required": ["action", *(["options"] if required else [])],
        "properties": {
            **keys,
            "action": {"const": action},
            "options": {"type": "object", "required": required, "properties": options},
            "conditions": {"type": "array", "items": reference("Condition")},
        },
    }


def _filled(shape: Shape) -> Shape:
    """The same without the empty value."""
    if "enum" in shape:
        return {"enum": [value for value in shape["enum"] if value]}
    if "anyOf" in shape:
        return {"anyOf": [{**_ID}, {"type": "array", "minItems": 1, "items": TEXT}]}
    return {**shape, "minLength": 1}


def _value(value: Value) -> Shape:
    """0, false and "" always mean that nothing is set."""
    if value.kind == "flag":
        return FLAG
    if value.kind == "texts":
        return {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
    if value.kind == "text":
        return {"enum": ["", *value.among]} if value.among else TEXT
    bounds = {"minimum": value.least, "maximum": value.most or 2**31}
    return {"type": "integer", "anyOf": [{"const": 0}, bounds]} if value.least else COUNT


def _item(properties: Mapping[str, Shape], *, optional: list[str] | None = None) -> Shape:
    shape = _object({**properties, "_links": _LINKS})
    missing = {*(optional or []), *_MORE}
    shape["required"] = [name for name in shape["required"] if name not in missing]
    return shape


def _object(properties: Mapping[str, Shape]) -> Shape:
    return {
        "type": "object",
        "required": list(properties),
        "properties": dict(properties),
        "additionalProperties": False,
    }


def _among(*values: str) -> Shape:
    return {"enum": list(values)}


_VARIABLE = re.compile("<(?:[a-z]+:)?([a-z]+)>")
_FILES = {"wav": "audio/wav", "txt": "text/plain"}
_DISPOSITION = {"Content-Disposition": {"required": True, "schema": TEXT}}
_REFUSALS = {
    401: ("WrongKey", "The access key is missing or wrong."),
    404: ("NotFound", "There is no such object in this account."),
    416: ("NoSuchPart", "The file has no such part."),
    422: ("Invalid", "The content is not valid, or the object's state does not allow this."),
}


def openapi_text() -> str:
    return json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"


def openapi() -> Shape:
    paths: Shape = {}
    for route in ROUTES:
        paths.setdefault(path_of(route), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Voice Calling API, as the emulator of mbflow serves it",
            "version": "1",
            "description": "Every path also answers with a slash at its end, and below /v1.",
        },
        "servers": [{"url": "/"}],
        "security": [{"accessKey": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "accessKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AccessKey KEY",
                }
            },
            "schemas": shapes(),
            "responses": {name: _refusal(why) for name, why in _REFUSALS.values()},
        },
    }


def path_of(route: Endpoint) -> str:
    """The route's path as OpenAPI writes it: `/calls/{call}`."""
    return _VARIABLE.sub(r"{\1}", route.path)


def _operation(route: Endpoint) -> Shape:
    operation: Shape = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "responses": {
            **_successes(route),
            **{
                str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
                for status in _statuses(route)
            },
        },
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.accepts:
        body = {"application/json": {"schema": reference(route.accepts)}}
        # The PHP SDK orders a transcription without a body.
        operation["requestBody"] = {"required": route.accepts != "Language", "content": body}
    return operation


def _operation_id(route: Endpoint) -> str:
    """The handler's name; objects that have two paths are told apart."""
    twins = [other for other in ROUTES if other.handler is route.handler]
    name = str(route.handler.__name__)
    return f"{name}_of_call" if len(twins) > 1 and route.path.startswith("/calls/") else name


def _parameters(route: Endpoint) -> list[Shape]:
    found: list[Shape] = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in _VARIABLE.findall(route.path)
    ]
    if route.is_list:
        found += [{"name": name, "in": "query", "schema": COUNT} for name in ("page", "perPage")]
    if route.returns in _FILES:
        found.append({"name": "Range", "in": "header", "schema": TEXT})
    return found


def _successes(route: Endpoint) -> Shape:
    if route.returns in _FILES:
        schema: Shape = {} if route.returns == "wav" else {"schema": TEXT}
        file = {"headers": _DISPOSITION, "content": {_FILES[route.returns]: schema}}
        return {
            "200": {"description": "The file.", **file},
            "206": {"description": "A part of the file.", **file},
        }
    if not route.returns:
        return {str(route.success): {"description": "Done."}}
    schema = envelope(route.returns.removesuffix("[]"), is_list=route.is_list)
    content = {"application/json": {"schema": schema}}
    return {str(route.success): {"description": route.summary, "content": content}}


def _statuses(route: Endpoint) -> list[int]:
    """The refusals that the endpoint may answer."""
    wanted = {
        401: True,
        404: "<" in route.path,
        416: route.returns in _FILES,
        422: bool(route.accepts) or route.is_list or route.conflicts,
    }
    return [status for status, possible in wanted.items() if possible]


def _refusal(why: str) -> Shape:
    return {
        "description": why,
        "content": {"application/json": {"schema": reference("Error")}},
    }
