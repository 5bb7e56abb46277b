"""Small flows and a short way to call them, for the simulator's tests."""

from mbflow.flow.steps import parse_program
from mbflow.simulator.replies import CalleeAnswer, FlowReply, Outcome
from mbflow.simulator.simulate import simulate


def step(action, /, id=None, conditions=None, jump=None, **fields):
    """A step; `jump=("goto", "var")`, and every other field is an option."""
    made = {"action": action, "options": fields}
    if id:
        made["id"] = id
    if conditions:
        made["conditions"] = [
            {"variable": name, "operator": "==", "value": value} for name, value in conditions
        ]
    if jump:
        goto, variable = jump
        made |= {"onKeypressGoto": goto} if goto else {}
        made |= {"onKeypressVar": variable} if variable else {}
    return made


def say(payload, **fields):
    return step("say", payload=payload, language="en-GB", voice="female", **fields)


def flow(*steps, **fields):
    return {"title": "Test", "steps": list(steps), **fields}


def call(body, *script, transfers=None, replies=None, **kwargs):
    """Call a flow. `transfers`: number to outcome; `replies`: URL to body, None for a failure."""
    outcomes = {number: CalleeAnswer(Outcome(word)) for number, word in (transfers or {}).items()}
    asked = {
        url: FlowReply(None if given is None else parse_program(url, given), after_ms=500)
        for url, given in (replies or {}).items()
    }
    return simulate(
        parse_program("main", body),
        script,
        transfers=lambda number: outcomes.get(number, CalleeAnswer()),
        replies=lambda request: asked.get(request.url),
        **kwargs,
    )


def told(transcript, *kinds):
    """(seconds, kind, text, detail) of the events of those kinds, or of all."""
    return [
        (event.at / 1000, event.kind.value, event.text, event.detail)
        for event in transcript.events
        if not kinds or event.kind.value in kinds
    ]


def path(transcript):
    """(step, why, to) of every move."""
    return [(move.step, move.why.value, move.to) for move in transcript.moves]
