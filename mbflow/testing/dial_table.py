"""All calls of a flow as plain data, which a page walks without knowing what any step does.

Python decides what can happen and how long it takes; `views/page/walker.js` keeps the clock. Pure.

    {limit: {at, end}, record?: EVENT, begin: [ARRIVAL, ARRIVAL?], steps: {position: STEP},
     situations: [{step, next?, keys?: {value: ARRIVAL}, answered?, unanswered?, …: ARRIVAL}]}

A situation names a step that is about to run, and where each way out of it (a `Reason`) leads. The
key "" is for every input that has none of its own. `begin` has a second place where a machine that
picks up is treated in another way. An ARRIVAL is the number of a situation, or {to?, events?,
end?}: what happens before it, or instead of it. An EVENT is {step?, kind, text} in the words of
transcripts; `heard` is what is really said, where quoting changed it. An END is {kind, text, to?,
odd?}: `to` is the destination or URL as the flow's file words it, `odd` is an end that no call
file can expect. A STEP is

    {parts?: [EVENT + {lasts, times?, ready?}]  what is heard, one after the other
     keys?: {end, most, variable, shown?}    it takes keys, up to `end` or `most` (0: any number)
     machine?: hangup or delay               what is done with a machine
     record?: {kind, most, silence, finish}  in milliseconds, null for never; the keys that end it
     dial?: {to, written, fails?, hangsUp?, records?}
     fetch?: {url, text, written}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from mbflow.flow.control_flow import (
    Way,
    asks_for_flow,
    finish_keys,
    hangs_up_on_machine,
    listens,
    most_keys,
)
from mbflow.flow.steps import END_OF_FLOW, MISSING, Program, Step, media_of, without_secrets
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Json
from mbflow.model.text import HIDDEN, printable
from mbflow.simulator.actions import CHANNELS, end_of_call, end_of_loop, readings
from mbflow.simulator.call import CallOver, longest_ms, no_steps, too_long
from mbflow.simulator.inputs import enter
from mbflow.simulator.replies import CONNECTED, Outcome
from mbflow.simulator.simulate import end_of_flow
from mbflow.simulator.space import Move, Space, decided_space, is_open
from mbflow.simulator.timing import (
    CHARACTERS_A_SECOND,
    KEY_GAP_MS,
    KEYS_APART_MS,
    MACHINE_GREETING_MS,
    MACHINE_RECOGNISED_MS,
    MEDIA_MS,
    REACTION_MS,
    RINGING_MS,
    TALK_MS,
    WIDE,
    WIDE_COUNTS_AS,
    speech_ms,
    tones_ms,
)
from mbflow.simulator.transcript import EndKind, Event, EventKind, KeyUse, RecordingKind
from mbflow.simulator.walk import ENDLESS, Place, machine_wish
from mbflow.testing.expectations import NEVER_RIGHT
from mbflow.testing.transcript_text import event_words

_NO_WORDINGS: Mapping[str, str] = MappingProxyType({})


def dial_table(
    program: Program, wordings: Mapping[str, str] = _NO_WORDINGS
) -> dict[str, Json] | str:
    """The table, without secrets; or one sentence on why there is none.

    `wordings`: what a transcript shows, to how the flow's file words it.
    """
    program = without_secrets(program)
    if is_open(program):
        return "What steers its calls is a secret, or a variable without a value."
    space = decided_space(program)
    if space is None:
        return "It has too many different calls to list them all."
    return _Table(program, space, wordings).whole()


class _Table:
    def __init__(self, program: Program, space: Space, wordings: Mapping[str, str]) -> None:
        self._program = program
        self._space = space
        self._wordings = wordings
        (self._entry,) = space.entries

    def whole(self) -> dict[str, Json]:
        program, space = self._program, self._space
        places = [space.situation(number).places[0] for number in range(len(space))]
        used = sorted({place.step for place in places if place.step >= 0})
        steps = {str(each): self._step(program.steps[each]) for each in used}
        table: dict[str, Json] = {
            "limit": {"at": longest_ms(program), "end": self._end(too_long(program))},
            "begin": [self._begin(root) for root in space.roots],
            "steps": {**steps},
            "situations": [self._situation(*one) for one in enumerate(places)],
        }
        if program.record:
            table["record"] = _event(EventKind.RECORD, detail=RecordingKind.CALL)
        return table

    def _situation(self, number: int, place: Place) -> dict[str, Json]:
        """Empty for one in which the call is over: nothing leads there."""
        if place.step < 0:
            return {}
        step = self._program.steps[place.step]
        found: dict[str, Json] = {"step": place.step}
        keys: dict[str, Json] = {}
        for move in self._space.moves(number):
            (taken,) = move.taken
            assert taken is not None
            if taken.why is Reason.KEYS:
                keys[self._value(step, move)] = self._after(move)
            else:
                found[taken.why.value] = self._after(move)
        return found | ({"keys": keys} if keys else {})

    def _value(self, step: Step, move: Move) -> str:
        """What the move's keys must come to; "" for whatever has no move of its own."""
        value = enter(step, move.choice.about).value
        return value if value in self._space.walks[0].constants.get(step.variable, ()) else ""

    def _begin(self, root: int) -> Json:
        (place,) = self._space.situation(root).places
        if not self._program.steps:
            return {"end": self._end(no_steps())}
        return self._arrival(root, place, self._entry)

    def _after(self, move: Move) -> Json:
        (taken,) = move.taken
        assert taken is not None
        own = 0 if taken.to.step == ENDLESS else 1
        return self._arrival(move.to, taken.to, taken.ways, own)

    def _arrival(self, to: int, place: Place, ways: Sequence[Way], own: int = 0) -> Json:
        """`own`: how many of the ways are those of a step that was run, and not passed over."""
        events = [*self._passed(ways[own:])]
        told: dict[str, Json] = {"events": [*events]} if events else {}
        if place.step < 0:
            return {**told, "end": self._last(ways)}
        return {**told, "to": to} if told else to

    def _passed(self, ways: Sequence[Way]) -> Iterator[dict[str, Json]]:
        """What is told of steps that take no time: a pause of no seconds is in transcripts."""
        for way in ways:
            if way.why is Reason.NEXT and self._program.steps[way.step].action == "pause":
                yield _event(EventKind.PAUSE, step=way.step)

    def _last(self, ways: Sequence[Way]) -> dict[str, Json]:
        """How the call ends after these ways; without any in a text that goes on for ever."""
        if not ways:
            return self._end(end_of_loop())
        position, why, to = ways[-1]
        step = self._program.steps[position]
        if to in (END_OF_FLOW, MISSING):
            return self._end(end_of_flow(step, to))
        if why is Reason.ANSWERED:
            return self._end(CallOver(EndKind.TRANSFERRED, step.text("destination")))
        if why is Reason.FETCHED:
            return self._end(CallOver(EndKind.FETCHED, _address(step)))
        return self._end(end_of_call(step, why))

    def _end(self, over: CallOver) -> dict[str, Json]:
        told = _event(EventKind.END, over.text, detail=over.kind)
        end: dict[str, Json] = {"kind": over.kind.value, "text": told["text"]}
        leads_away = over.kind in (EndKind.TRANSFERRED, EndKind.FETCHED)
        if leads_away and over.text:
            end["to"] = self._written(over.text)
        elif leads_away or over.kind in NEVER_RIGHT:
            end["odd"] = True
        return end

    def _written(self, text: str) -> str:
        return self._wordings.get(text, text)

    def _step(self, step: Step) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if parts := [*_parts(step)]:
            found["parts"] = [*parts]
        if listens(step):
            found["keys"] = _keys(step)
        if (wish := machine_wish(step)) in _MACHINES:
            found["machine"] = wish
        if step.action == "record":
            found["record"] = _recording(step)
        if step.action == "transfer":
            found["dial"] = self._dial(step)
        if asks_for_flow(step):
            url = _address(step)
            method = "POST" if step.action == "record" else "GET"
            told = _event(EventKind.FETCH, url, detail=method)["text"]
            found["fetch"] = {"url": url, "text": told, "written": self._written(url)}
        return found

    def _dial(self, step: Step) -> dict[str, Json]:
        to = step.text("destination")
        found: dict[str, Json] = {"to": printable(to), "written": self._written(to)}
        if not to:
            found["fails"] = True
        if hangs_up_on_machine(step):
            found["hangsUp"] = True
        if channels := CHANNELS.get(step.raw_text("record")):
            found["records"] = [each.value for each in channels]
        return found


def _address(step: Step) -> str:
    return step.text("onFinish" if step.action == "record" else "url")


def _event(
    kind: EventKind, text: str = "", *, step: int = -1, detail: str = "", lasts: int = 0
) -> dict[str, Json]:
    word, told = event_words(Event(0, kind, "", step, text, detail, lasts))
    found: dict[str, Json] = {"kind": word, "text": told}
    return {"step": step, **found} if step >= 0 else found


def _parts(step: Step) -> Iterator[dict[str, Json]]:
    """What is heard in a step, and what takes time in it."""
    if step.action == "say":
        text = step.text("payload")
        part = _heard(EventKind.SAY, text, speech_ms(step.raw_text("payload")))
        times = readings(step)
        yield part | ({"times": times} if times > 1 else {})
    elif step.action == "play":
        for url in media_of(step.options.get("media")):
            yield _heard(EventKind.PLAY, url, MEDIA_MS)
    elif step.action == "pause":
        lasts = step.number("length") * 1000
        yield _event(EventKind.PAUSE, lasts=lasts) | {"lasts": lasts, "ready": REACTION_MS}
    elif step.action == "sendKeys":
        yield _event(EventKind.TONES, step.text("keys")) | {"lasts": tones_ms(step)}
    elif step.action not in ("record", "transfer", "fetchCallFlow", "hangup"):
        yield _event(EventKind.PASSED, step.action) | {"lasts": 0}


def _heard(kind: EventKind, text: str, lasts: int) -> dict[str, Json]:
    told = _event(kind, text)
    as_told = f'"{text}"' if kind is EventKind.SAY else text
    changed: dict[str, Json] = {} if told["text"] == as_told else {"heard": text}
    return told | {"lasts": lasts} | changed


def _keys(step: Step) -> dict[str, Json]:
    found: dict[str, Json] = {
        "end": step.end_key,
        "most": most_keys(step),
        "variable": step.variable,
    }
    shown = printable(step.variable)
    return found if shown == step.variable else found | {"shown": shown}


def _machine(wish: str, until: int) -> dict[str, Json]:
    return {"until": until, "text": _event(EventKind.MACHINE, detail=wish)["text"]}


def _recording(step: Step) -> dict[str, Json]:
    return {
        "kind": RecordingKind.IVR.value,
        "most": step.number("maxLength") * 1000 or None,
        "silence": step.number("timeout") * 1000 or None,
        "finish": finish_keys(step),
    }


_MACHINES: dict[str, Json] = {
    "hangup": _machine("hangup", MACHINE_RECOGNISED_MS),
    "delay": _machine("delay", MACHINE_GREETING_MS),
}
_OUTCOMES: dict[str, Json] = {
    outcome.value: {
        "rings": RINGING_MS[outcome],
        "why": (Reason.ANSWERED if outcome in CONNECTED else Reason.UNANSWERED).value,
    }
    for outcome in Outcome
}
DIAL_RULES: dict[str, Json] = {
    "reaction": REACTION_MS,
    "apart": KEYS_APART_MS,
    "gap": KEY_GAP_MS,
    "talk": TALK_MS,
    "machines": _MACHINES,
    "speech": {"rate": CHARACTERS_A_SECOND, "wide": WIDE, "counts": WIDE_COUNTS_AS},
    "hidden": HIDDEN,
    "outcomes": _OUTCOMES,
    "uses": {use.name.lower(): _event(EventKind.KEY, detail=use)["text"] for use in KeyUse},
    "noReply": _event(EventKind.REPLY)["text"],
}
"""What is the same for every flow."""
