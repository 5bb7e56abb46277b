"""Flows of all kinds, every small edit of them, and a search of calls that tells two flows apart.

The search tries calls one by one and knows nothing of the space of all calls.
"""

import json
from functools import cache
from itertools import product
from pathlib import Path

from simulated import flow, say, step

from mbflow.flow.canonical import canonical
from mbflow.flow.steps import parse_program
from mbflow.project.load import read_checkout
from mbflow.simulator.caller import Machine, Press, Speak, Wait
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Script
from mbflow.simulator.transcript import EventKind

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "schema" / "corpus"


def pause(length, **fields):
    return step("pause", length=length, **fields)


MENU_IN_MENU = flow(
    say("For English press 1.", jump=("language", "tongue")),
    say("No key. Goodbye."),
    step("hangup"),
    say("For sales press 1, for support 2.", id="language", jump=("unit", "unit")),
    pause(5, jump=("unit", "unit")),
    step("hangup", conditions=[("tongue", "2")]),
    step("transfer", id="unit", destination="31201", conditions=[("tongue", "1"), ("unit", "1")]),
    step("transfer", destination="31202", conditions=[("tongue", "1"), ("unit", "2")]),
    say("Nobody is there.", conditions=[("tongue", "1")]),
    step("record", maxLength=60, finishOnKey="#", timeout=5),
)
DIGITS = flow(
    say("Enter your number.", jump=("look", "order")) | {"endKey": "#", "maxNumKeys": 4},
    pause(8, jump=("look", "order")) | {"endKey": "#", "maxNumKeys": 4},
    say("No number.", jump=(None, "order")),
    say("The test number.", id="look", conditions=[("order", "1234")]),
    say("A short number.", conditions=[("order", "12")]),
    say("Only the end key.", conditions=[("order", "#")]),
    step("fetchCallFlow", url="https://x.example/1"),
)
BRANCHES = flow(
    step("play", media=["https://x.example/a.wav", "https://x.example/b.wav"]),
    say("1, 2 or 3?", repeat=2, jump=("first", "choice")),
    step("hangup"),
    say("One.", id="first", conditions=[("choice", "1")]),
    step("transfer", destination="31201", ifMachine="hangup", conditions=[("choice", "1")]),
    step("hangup", conditions=[("choice", "1")]),
    say("Two.", conditions=[("choice", "2")]),
    step("sendKeys", keys="12#", conditions=[("choice", "2")]),
    step("hangup", conditions=[("choice", "2")]),
    say("Anything.", jump=("again", None)),
    step("hangup"),
    say("Once more.", id="again", jump=("last", None)),
    step("record", maxLength=20, finishOnKey="any", onFinish="https://x.example/2"),
    step("hangup"),
    say("The last.", id="last", ifMachine="hangup"),
    step("transfer", destination="31202", record="both", mask=True),
    step("hangup"),
)


@cache
def all_flows():
    """Name to body: the worked example, payloads of the service's users, and some more."""
    flows = {"menu-in-menu": MENU_IN_MENU, "digits": DIGITS, "branches": BRANCHES}
    flows |= {name: found.body for name, found in read_checkout(ROOT, "local").flows.items()}
    for path in sorted(CORPUS.glob("*.json")):
        body = json.loads(path.read_text())
        if body.get("steps"):
            flows[path.stem] = body
    return flows


OPTIONS = {
    "say": {"language": "nl-NL", "voice": "male", "repeat": 4, "loop": True},
    "play": {},
    "pause": {"length": 9},
    "record": {"maxLength": 7, "timeout": 3, "finishOnKey": "*", "transcribe": True},
    "transfer": {"record": "in", "mask": True, "source": "442079"},
    "sendKeys": {"duration": 170, "interval": 170},
}
OPTIONS["record"] |= {"transcribeLanguage": "fr-FR", "onFinish": "https://x.example/other"}
OPTIONS["say"] |= {"ifMachine": "hangup", "machineTimeout": 1500, "length": 3}
OPTIONS["transfer"] |= {"ifMachine": "hangup", "machineTimeout": 1500}
MAIN = {"say": "payload", "play": "media", "transfer": "destination"}
MAIN |= {"sendKeys": "keys", "fetchCallFlow": "url", "record": "maxLength", "pause": "length"}


def values_of(name, value):
    """Other values of an option."""
    if name == "media":
        return ["https://x.example/new.wav", ["https://x.example/new.wav", "https://x.example/2"]]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, str) and value:
        return [f"{value}9" if name in ("destination", "keys", "url") else f"{value} Now."]
    return []


def mutants(body):
    """(What was done, the flow afterwards) for every small edit that means anything."""
    form = canonical(body)
    yield from ((what, other) for what, other in edits(body) if canonical(other) != form)


def edits(body):
    steps = body["steps"]
    for name, value in (("record", not body.get("record")), ("maxDuration", 7)):
        yield name, {**body, name: value}
    for number in range(len(steps)):
        for what, one in steps_like(steps[number], [s["id"] for s in steps if s.get("id")]):
            made = [*steps[:number], one, *steps[number + 1 :]]
            yield f"step {number + 1}: {what}", {**body, "steps": made}
        swapped = [*steps[:number], *steps[number : number + 2][::-1], *steps[number + 2 :]]
        yield f"step {number + 1}: swapped", {**body, "steps": swapped}
        less = steps[:number] + steps[number + 1 :]
        yield f"step {number + 1}: removed", {**body, "steps": less}
        for new in (say("New."), pause(2), step("hangup"), step("transfer", destination="3155")):
            more = [*steps[:number], new, *steps[number:]]
            yield f"{new['action']} before step {number + 1}", {**body, "steps": more}


def steps_like(one, ids):
    """(What was done, the step afterwards)."""
    action, options = one.get("action"), one.get("options") or {}
    given = {name: [value] for name, value in OPTIONS.get(action, {}).items()}
    if main := MAIN.get(action):
        given[main] = [*given.get(main, []), *values_of(main, options.get(main))]
    for name, values in given.items():
        for value in values:
            yield f"{name} {value}", {**one, "options": options | {name: value}}
        rest = {key: value for key, value in options.items() if key != name}
        yield f"no {name}", {**one, "options": rest}
    conditions = one.get("conditions") or []
    for number in range(len(conditions)):
        for what, others in conditions_of(conditions, number):
            yield f"condition {number} {what}", {**one, "conditions": others}
    for value in ("1", "77"):
        more = {"variable": "choice", "operator": "==", "value": value}
        yield f"asks for {value}", {**one, "conditions": [*conditions, more]}
    others = {
        "onKeypressGoto": [None, "gone", *ids],
        "onKeypressVar": [None, "other", "choice"],
        "endKey": [None, "#", "*", "1"],
        "maxNumKeys": [None, 1, 3],
    }
    for name, values in others.items():
        for value in values:
            yield f"{name} {value}", {**one, name: value}


def conditions_of(conditions, number):
    one = conditions[number]
    rest = conditions[:number] + conditions[number + 1 :]
    yield "removed", rest or None
    for name, value in (("value", "8"), ("value", f"{one['value']}9"), ("variable", "other")):
        yield (
            f"{name} {value}",
            [*conditions[:number], {**one, name: value}, *conditions[number + 1 :]],
        )


def audible(body, transcript):
    """All that anybody notices of a call: not which step does it."""
    found = [(bool(body.get("record")), body.get("maxDuration") or 0)]
    for event in transcript.events:
        if event.kind is EventKind.PAUSE and not event.lasts:
            continue
        options = (body["steps"][event.step].get("options") or {}) if event.step >= 0 else {}
        told = {k: v for k, v in options.items() if k not in ("ifMachine", "machineTimeout")}
        if event.kind in (EventKind.KEY, EventKind.INPUT, EventKind.OUTCOME, EventKind.PARTED):
            told = {}
        elif event.kind is EventKind.FETCH:
            told = dict(transcript.variables)
        what = event.kind if event.kind is not EventKind.INPUT else ""
        text = event.text if what and event.kind is not EventKind.END else ""
        detail = event.detail if what else ""
        found.append((event.at, what, text, detail, event.lasts, event.why, told))
    return found


def calls_to(bodies):
    """Scripts and what others do, the likely ones first: all within bounds."""
    steps = [one for body in bodies for one in body["steps"]]
    asked = {c["value"]: 0 for one in steps for c in one.get("conditions") or [] if c.get("value")}
    ends = {one["endKey"]: 0 for one in steps if one.get("endKey")}
    keys = [*asked, *(value + end for value in asked for end in ends), "5", "5555", "12345"]
    keys += [f"5{end}" for end in ends] + [*ends]
    keys = [*dict.fromkeys(key for key in keys if set(key) <= {*"0123456789*#"})]
    scripts = [(), (Speak("Hello there."), Press("#")), (Press("#"),), (Machine(),)]
    scripts += [(Press(one),) for one in keys]
    scripts += [(Wait(ms), Press(one)) for ms in (100, 1900, 4900, 7000, 14000) for one in keys[:6]]
    scripts += [(Press(one), Press(two)) for one, two in product(keys, keys)]
    scripts += [tuple(map(Press, three)) for three in product(keys[:4], repeat=3)]
    options = [one.get("options") or {} for one in steps]
    numbers = [*dict.fromkeys(o["destination"] for o in options if o.get("destination"))]
    urls = [*dict.fromkeys(o[n] for o in options for n in ("url", "onFinish") if o.get(n))]
    busy, machine, answered = Outcome.BUSY, Outcome.MACHINE, Outcome.ANSWERED
    worlds = [{}, dict.fromkeys(numbers, busy), dict.fromkeys(numbers, machine)]
    worlds += [{number: how} for number in numbers for how in (busy, machine)]
    worlds += [dict.fromkeys(numbers, busy) | {number: answered} for number in numbers]
    worlds = [world for n, world in enumerate(worlds) if world not in worlds[:n]]
    yield from product(scripts, worlds, {frozenset(), frozenset(urls)})


def program_of(body):
    """Ready to be called; the last two stay so."""
    for known, program in _programs:
        if known is body:
            return program
    _programs[:] = [*_programs[-1:], (body, parse_program("main", body))]
    return _programs[-1][1]


_programs = []


def some_call_differs(live, desired):
    """A call that somebody would notice the difference in, or None."""
    for script, transfers, failing in calls_to([live, desired]):
        heard = [
            audible(body, Script(script, transfers, failing).call(program_of(body)))
            for body in (live, desired)
        ]
        if heard[0] != heard[1]:
            return script, transfers, failing
    return None
