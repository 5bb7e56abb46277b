"""Random calls of many flows as the simulator makes them: one JSON line for each flow.

`dial_calls.py COUNT` writes so many calls, of the worked example and of drawn flows. `walker.mjs`
makes them once more in the page's walker, by the table of the flow.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "simulator")]

import drawn  # noqa: E402
from builders import flow, hangup, pause, say, transfer, when  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from strategies import bodies, strange_flows  # noqa: E402

from mbflow.flow.steps import Program, parse_program, without_secrets  # noqa: E402
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait  # noqa: E402
from mbflow.simulator.replies import CalleeAnswer, FlowReply, Outcome  # noqa: E402
from mbflow.simulator.simulate import simulate  # noqa: E402
from mbflow.simulator.transcript import EndKind, EventKind, Transcript, heard  # noqa: E402
from mbflow.testing.dial_table import DIAL_RULES, dial_table  # noqa: E402
from mbflow.testing.flows import called_flows  # noqa: E402
from mbflow.testing.transcript_text import event_words  # noqa: E402

CALLS = 10
"""Of each flow."""
KEYS = "1234567890*#"
WORDS = [
    "Yes.",
    "This is Ada,  please call me back.",
    "日本語 のテキスト",
    " a\u3000bc d ",
    "x" * 99,
    "😀 ok",
    "::a ##b[ ${c} $${d} \"e\" 'f' \\ <g>",
    "\x1b\u2028\u200d\ufeff\x85\n\t\x7f\U000e0001 :: ##x[ é\u0301",
]


def lines(count: int) -> Iterator[dict[str, Any]]:
    """So many calls: of the worked example first, then of drawn flows."""
    chance = random.Random(count)
    made = 0
    for program in [*worked_example(), *made_up(count)]:
        table = dial_table(program)
        if isinstance(table, str):
            continue
        numbers = range(made + 1, min(made + CALLS, count) + 1)
        calls = [{"number": number, **one_call(program, chance)} for number in numbers]
        made += len(calls)
        if not calls:
            return
        yield {"name": program.name, "table": table, "rules": DIAL_RULES, "calls": calls}


def worked_example() -> list[Program]:
    return [without_secrets(one) for one in called_flows(HERE.parent, None, environ={}).choose()]


def made_up(count: int) -> list[Program]:
    """Flows for so many calls."""
    bodies = [*odd_bodies(), *drawn_bodies(count // CALLS + 1)]
    return [parse_program(f"flow {number}", body) for number, body in enumerate(bodies)]


def odd_bodies() -> Iterator[dict[str, Any]]:
    """What is seldom drawn."""
    asked = {"onKeypressVar": "pin", "onKeypressGoto": "there"}
    yield flow()
    yield flow(hangup())
    yield flow(pause(0), pause(0), pause(1), pause(0))
    yield flow(say("1?", **asked), say("Gone."))
    yield flow(say("0?", onKeypressGoto="a", id="a"), maxDuration=30)
    yield flow(say("Again.", options={"loop": True}, onKeypressVar="x"), say("You pressed."))
    yield flow(say("", options={"loop": True, "repeat": 7}), record=True)
    yield flow({"action": "record", **asked}, say("Kept.", id="there"))
    yield flow({"action": "record", "options": {"onFinish": "https://x.example/"}}, record=True)
    yield flow({"action": "fetchCallFlow"}, say("Never."))
    yield flow({"action": "transfer", "options": {"record": "both"}}, say("Nobody."))
    yield flow(transfer("1", options={"record": "out", "ifMachine": "hangup"}), record=True)
    yield flow(transfer("1"), transfer("2"), transfer("1"), say("All are busy."), maxDuration=45)
    yield flow(pause(10), maxDuration=10)
    yield flow({"action": "record", "options": {"maxLength": 5, "timeout": 5}}, maxDuration=5)
    yield flow({"action": "sendKeys", "options": {"keys": "1w2#"}}, {"action": "odd"})
    for variable in ("__proto__", "constructor", "a\nb", "::x", ""):
        step = say("Code?", onKeypressVar=variable, onKeypressGoto="next", endKey="#")
        right = [when(variable, "12")]
        yield flow(step, pause(9, **asked), say("Right.", id="next", conditions=right))
    for value in ("${pin}", "", "toString", "12345678901234567890", "*"):
        step = say("Code?", **asked, maxNumKeys=20, endKey="*")
        yield flow(step, hangup(), say("Right.", id="there", conditions=[when("pin", value)]))
    wishes = [{"ifMachine": "hangup", "machineTimeout": 1999}, {"ifMachine": "hangup"}, {}]
    yield flow(pause(1), *(say("A machine?", options=wish) for wish in wishes))
    yield flow(*(say("A machine?", options=wish) for wish in reversed(wishes)), maxDuration=5)


def drawn_bodies(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @seed(count)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(drawn.flows, bodies(max_steps=9), strange_flows))
    def draw(body: dict[str, Any]) -> None:
        found.append(body)

    draw()
    return found


def one_call(program: Program, chance: random.Random) -> dict[str, Any]:
    """What everybody does, and the transcript that the simulator makes of it."""
    records = any(step.action == "record" for step in program.steps)
    acts = script(chance, talkative=0.4 if records else 0.05)
    outcomes = {to: str(chance.choice([*Outcome])) for to in named(program, "destination")}
    failing = [url for url in named(program, "url", "onFinish") if chance.random() < 0.7]
    transcript = simulate(
        program,
        acts,
        transfers=lambda to: CalleeAnswer(Outcome(outcomes[to])),
        replies=lambda request: FlowReply(None) if request.url in failing else None,
    )
    return {
        "acts": [act_of(act) for act in acts],
        "outcomes": outcomes,
        "failing": failing,
        "expected": expected(transcript),
    }


def named(program: Program, *options: str) -> list[str]:
    return sorted({step.text(name) for step in program.steps for name in options} - {""})


def script(chance: random.Random, talkative: float) -> list[Act]:
    """Keys at random times, often at those at which something else happens, and words."""
    is_machine = chance.random() < 0.1
    acts: list[Act] = [Machine()] if is_machine else []
    at = 0
    for _ in range(chance.choice([0, 1, 1, 2, 3, 5, 9])):
        kind = chance.random()
        if kind < talkative:
            acts += [Wait(chance.choice([0, 700, 4000])), Speak(chance.choice(WORDS))]
        elif not is_machine:
            at += chance.choice([0, 1, 300, 1000, 4999, 5000, 100 * chance.randrange(200)])
            acts.append(Press(chance.choice(chance.choice(["12", "12#", KEYS])), at))
    if chance.random() < 0.2:
        acts.append(HangUp(at + chance.choice([0, 1000, 100 * chance.randrange(400)])))
    return acts


def act_of(act: Act) -> list[Any]:
    match act:
        case Press():
            return ["press", act.keys, act.at]
        case Speak():
            return ["say", act.text]
        case Wait():
            return ["wait", act.ms]
        case HangUp():
            return ["hang_up", act.at]
        case Machine():
            return ["machine"]


def expected(transcript: Transcript) -> dict[str, Any]:
    """What the walker must come to: for it the call is over where another flow goes on with it."""
    events = [*transcript.events]
    ending = [transcript.ending.kind, transcript.ending.at]
    if transcript.request is not None:
        while events[-1].kind is not EventKind.FETCH:
            events.pop()
        ending = [EndKind.FETCHED, events[-1].at]
    return {
        "events": events_of(replace(transcript, events=tuple(events))),
        "heard": heard(transcript),
        "variables": dict(transcript.variables),
        "ending": ending,
    }


def events_of(transcript: Transcript) -> list[list[Any]]:
    return [[each.at, each.step, *event_words(each)] for each in transcript.events]


if __name__ == "__main__":
    for line in lines(int(sys.argv[1])):
        print(json.dumps(line))
