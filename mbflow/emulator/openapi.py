"""The emulator's API as an OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

import json
import re

from mbflow.emulator.openapi_schemas import COUNT, TEXT, Shape, envelope, reference, shapes
from mbflow.emulator.routes import ROUTES, Route

_VARIABLE = re.compile("<(?:[a-z]+:)?([a-z]+)>")
_FILES = {"wav": "audio/wav", "txt": "text/plain"}
_DISPOSITION = {"Content-Disposition": {"required": True, "schema": TEXT}}
_REFUSALS = {
    400: ("Malformed", "The body is malformed, or too large."),
    401: ("WrongKey", "The access key is missing or wrong."),
    404: ("NotFound", "There is no such object in this account."),
    409: ("Conflict", "The object is in a state in which this cannot be done."),
    416: ("NoSuchPart", "The file has no such part."),
    422: ("Invalid", "The content is not valid."),
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


def path_of(route: Route) -> str:
    """The route's path as OpenAPI writes it: `/calls/{call}`."""
    return _VARIABLE.sub(r"{\1}", route.path)


def _operation(route: Route) -> Shape:
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
    if route.takes:
        body = {"application/json": {"schema": reference(route.takes)}}
        # The PHP SDK orders a transcription without a body.
        operation["requestBody"] = {"required": route.takes != "Language", "content": body}
    return operation


def _operation_id(route: Route) -> str:
    """The handler's name; objects that have two paths are told apart."""
    twins = [other for other in ROUTES if other.handler is route.handler]
    name = str(route.handler.__name__)
    return f"{name}_of_call" if len(twins) > 1 and route.path.startswith("/calls/") else name


def _parameters(route: Route) -> list[Shape]:
    found: list[Shape] = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in _VARIABLE.findall(route.path)
    ]
    if route.is_list:
        found += [{"name": name, "in": "query", "schema": COUNT} for name in ("page", "perPage")]
    if route.gives in _FILES:
        found.append({"name": "Range", "in": "header", "schema": TEXT})
    return found


def _successes(route: Route) -> Shape:
    if route.gives in _FILES:
        schema: Shape = {} if route.gives == "wav" else {"schema": TEXT}
        file = {"headers": _DISPOSITION, "content": {_FILES[route.gives]: schema}}
        return {
            "200": {"description": "The file.", **file},
            "206": {"description": "A part of the file.", **file},
        }
    if not route.gives:
        return {str(route.success): {"description": "Done."}}
    schema = envelope(route.gives.removesuffix("[]"), is_list=route.is_list)
    content = {"application/json": {"schema": schema}}
    return {str(route.success): {"description": route.summary, "content": content}}


def _statuses(route: Route) -> list[int]:
    """The refusals that the endpoint may answer."""
    wanted = {
        400: bool(route.takes),
        401: True,
        404: "<" in route.path,
        409: route.conflicts,
        416: route.gives in _FILES,
        422: bool(route.takes) or route.is_list,
    }
    return [status for status, possible in wanted.items() if possible]


def _refusal(why: str) -> Shape:
    return {
        "description": why,
        "content": {"application/json": {"schema": reference("Error")}},
    }
