"""Flows that web servers give while a call runs: fetchCallFlow, and onFinish of a recording."""

from __future__ import annotations

from mbflow.graph.program import Program, Step
from mbflow.simulator.call import Call, CallOver
from mbflow.simulator.choices import MAX_FETCHES
from mbflow.simulator.replies import Request
from mbflow.simulator.transcript import EndKind, Kind


def tell_request(call: Call, step: Step) -> Request:
    """The request goes out: GET for fetchCallFlow, POST for onFinish (reference 6.4)."""
    method, option = ("POST", "onFinish") if step.action == "record" else ("GET", "url")
    shown = step.shown_text(option)
    request = Request(call.fetches, method, step.text(option), shown, dict(call.variables))
    call.fetches += 1
    call.tell(Kind.FETCH, shown, detail=method)
    return request


def fetch(call: Call, step: Step) -> Program:
    """The flow that goes on with the call. Variables stay (open question 26: the service hands them
    to the web server, so they belong to the call). A failed fetch ends the call, because the steps
    below a fetch are documented as not executed (open question 28)."""
    if call.fetches >= MAX_FETCHES:
        raise CallOver(EndKind.ENDLESS, f"cut after {MAX_FETCHES} fetched flows")
    request = tell_request(call, step)
    reply = call.replies(request)
    if reply is None:
        call.wait_for(request)
    call.pass_time(reply.after_ms)
    if reply.program is None:
        call.tell(Kind.REPLY, detail="failed")
        raise CallOver(EndKind.FETCH_FAILED, request.shown_url)
    call.tell(Kind.REPLY, reply.program.name, detail="flow")
    return reply.program
