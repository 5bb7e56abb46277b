"""Call flows that web servers answer with, as JSON or as XML (reference section 6.4)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from mbflow.emulator.flow_checks import ACTIONS, OPTIONS, STEP_VALUES, flow_faults, fold_flow
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import ErrorResponse
from mbflow.model.flow import Body, Json
from mbflow.model.text import listed, shortened

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

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
        value = json_of(body, "The answer")
    except ErrorResponse as error:
        raise NoFlow(error.errors[0][1]) from error
    if not isinstance(value, dict):
        raise NoFlow("The answer must be a JSON object.")
    return value


def _xml_flow(body: bytes) -> Body:
    """Several actions may stand side by side, without an element around them."""
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(b"<CallFlow>" + _PROLOG.sub(b"", body) + b"</CallFlow>", forbid_dtd=True)
    except SyntaxError as error:
        reason = str(error.msg).partition(":")[0]
        raise NoFlow(f"The answer is not XML: {reason}.") from error
    except ValueError as error:
        raise NoFlow("The answer is not XML.") from error
    elements = list(root)
    if len(elements) == 1 and _name(elements[0]) not in _ACTIONS:
        elements = list(elements[0])
    steps: list[Json] = [_step(element) for element in elements]
    return {"title": "XML Call flow", "record": False, "steps": steps}


def _step(element: Element) -> Body:
    name = _name(element)
    if name not in _ACTIONS:
        known = listed(_ACTIONS, last="and")
        raise NoFlow(f"There is no element {shortened(name, 60)}; the elements are {known}.")
    step: Body = {"action": _ACTIONS[name]}
    options: Body = {}
    for name, value in element.attrib.items():
        (step if name in _ON_STEP else options)[name] = _value(name, value)
    if step["action"] == "say":
        options["payload"] = (element.text or "").strip()
    return {**step, "options": options} if options else step


def _name(element: Element) -> str:
    """Without the namespace that ElementTree writes before it."""
    return str(element.tag).rpartition("}")[2]


def _value(name: str, text: str) -> Json:
    """Attributes are texts; numbers and flags become what JSON has for them."""
    known = {**OPTIONS, **STEP_VALUES}.get(name)
    if known and known.kind == "number" and re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    if known and known.kind == "flag" and text in ("true", "false"):
        return text == "true"
    return text
