"""Flows that web servers give while a call runs: fetchCallFlow, and onFinish of a recording."""

from __future__ import annotations

from mbflow.graph.program import Step
from mbflow.graph.ways import Why
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


def ask_for_flow(call: Call, step: Step) -> Why:
    """Ask for the flow that goes on with the call.

    Variables stay: the service hands them to the web server, so they belong to the call (open
    question 26).
    """
    if call.fetches >= MAX_FETCHES:
        raise CallOver(EndKind.ENDLESS, f"cut after {MAX_FETCHES} fetched flows")
    request = tell_request(call, step)
    reply = call.replies(request)
    if reply is None:
        call.wait_for(request)
    call.pass_time(reply.after_ms)
    call.fetched = reply.program
    if reply.program is None:
        call.tell(Kind.REPLY, detail="failed")
        return Why.UNFETCHED
    call.tell(Kind.REPLY, reply.program.name, detail="flow")
    return Why.FETCHED
