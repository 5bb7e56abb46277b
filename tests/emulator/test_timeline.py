"""Laws of a call's timeline: what has happened stays, whatever anybody does later."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbflow.emulator.audio import Audio, Sound
from mbflow.emulator.call_objects import call_object, leg_object, recording_object
from mbflow.emulator.call_record import (
    CallPart,
    ExtraCallee,
    FlowStart,
    StoredCall,
    StoredReply,
    call_of,
    new_call_id,
    number_of,
    part_id,
    stored_call_of,
    stored_call_text,
)
from mbflow.emulator.call_timeline import timeline_of
from mbflow.simulator.replies import CalleeAnswer, Outcome

from .telephone import HANGUP, pause, record, say, transfer

NUMBERS = ("31201111111", "31202222222")
ANSWERS = st.builds(
    CalleeAnswer,
    st.sampled_from(Outcome),
    st.sampled_from([None, 0, 700, 9000]),
    st.sampled_from([None, 0, 4000]),
)
STEPS = st.one_of(
    st.integers(0, 9).map(pause),
    st.text("ab ", min_size=1, max_size=60).map(say),
    st.sampled_from(NUMBERS).map(lambda number: transfer(number, record="both")),
    st.integers(0, 5).map(lambda silence: record(timeout=silence, maxLength=8)),
    st.integers(1, 3).map(lambda n: {**pause(n), "onKeypressGoto": "x", "onKeypressVar": "k"}),
    st.just({"action": "fetchCallFlow", "options": {"url": "http://127.0.0.1:1/"}}),
    st.just(HANGUP),
)
FLOWS = st.builds(
    lambda steps, whole: {"steps": [*steps, {**pause(2), "id": "x"}], "record": whole},
    st.lists(STEPS, max_size=5),
    st.booleans(),
)
DOES = st.lists(
    st.sampled_from(
        [{"press": "1"}, {"say": "hello you"}, {"wait": 2}, {"hang_up": True}, {"machine": True}]
    ),
    max_size=4,
)
REPLIES = st.lists(st.builds(StoredReply, st.integers(0, 3000), FLOWS | st.none()), max_size=3)
CALLS = st.builds(
    lambda incoming, flow, does, callees, replies: StoredCall(
        new_call_id(),
        1e9,
        1.0,
        incoming,
        "31203333333",
        NUMBERS[0],
        (FlowStart(0, flow),),
        tuple(does),
        callees,
        replies=tuple(replies),
    ),
    st.booleans(),
    FLOWS,
    DOES,
    st.dictionaries(st.sampled_from(NUMBERS), ANSWERS),
    REPLIES,
)


def seen(call, at):
    """All that the API shows of a call at a time, but for when it was last changed by a client."""
    timeline = timeline_of(stored_call_text(call))
    legs = [n for n, leg in enumerate(timeline.legs) if leg.at <= at]
    recordings = [recording for recording in timeline.recordings if recording.at <= at]
    return (
        {**call_object(timeline, at), "updatedAt": None},
        [leg_object(timeline, number, at) for number in legs],
        [recording_object(timeline, recording, at) for recording in recordings],
        [recording.said for recording in recordings if recording.is_done(at)],
        [request for request in timeline.requests if request.at <= at],
    )


def later(call, at, data):
    """The call after something that a client did at this time."""
    timeline = timeline_of(stored_call_text(call))
    if timeline.is_over(at):
        return call
    doings = {
        "hang up": {"hangup_at": at},
        "another flow": {"flows": (*call.flows, FlowStart(at, data.draw(FLOWS)))},
    }
    if timeline.status(at) == "ongoing":
        extra = ExtraCallee(at, NUMBERS[1], data.draw(ANSWERS))
        doings["another callee"] = {"extra_callees": (*call.extra_callees, extra)}
    for leg in timeline.legs:
        if leg.dial is not None and leg.at <= at and not leg.is_over(at):
            doings["part"] = {"hangups": {**call.hangups, str(leg.dial): leg.cut_answer(at)}}
    asked = sum(request.at <= at for request in timeline.requests)
    if asked == len(call.replies) + 1:
        after = at - timeline.requests[asked - 1].at
        reply = StoredReply(after, data.draw(FLOWS | st.none()))
        doings["reply"] = {"replies": (*call.replies, reply)}
    done = data.draw(st.sampled_from(sorted(doings)))
    return replace(call, updated_at=at, **doings[done])


@settings(deadline=None)
@given(call=CALLS, gaps=st.lists(st.integers(1, 9000), min_size=1, max_size=4), data=st.data())
def test_what_has_happened_stays_whatever_is_done_later(call, gaps, data):
    at = 0
    for gap in gaps:
        before, at = at, at + gap
        moment = data.draw(st.integers(before, at - 1))
        was = seen(call, moment)
        call = later(call, at, data)
        assert seen(call, moment) == was


@settings(deadline=None)
@given(call=CALLS, gap=st.integers(0, 9000), data=st.data())
def test_a_timeline_is_in_order_and_what_is_stored_comes_back(call, gap, data):
    call = later(call, gap, data)
    assert stored_call_of(stored_call_text(call)) == call
    timeline = timeline_of(stored_call_text(call))
    times = [at for at, _ in timeline.statuses]
    assert times == sorted(times)
    assert [leg.at for leg in timeline.legs] == sorted(leg.at for leg in timeline.legs)
    if timeline.ended_at is None:
        return
    for leg in timeline.legs:
        assert leg.at <= timeline.ended_at
        assert leg.ended_at is not None and leg.at <= leg.ended_at <= timeline.ended_at
        assert leg.outcome_at is None or leg.at <= leg.outcome_at <= leg.ended_at
    for recording in timeline.recordings:
        assert (
            recording.ended_at is not None
            and recording.at <= recording.ended_at <= timeline.ended_at
        )
        assert all(
            0 <= sound.start <= sound.end <= recording.ms(recording.ended_at)
            for sound in recording.sounds
        )


@given(number=st.integers(0, 0xFFFFF), part=st.sampled_from(CallPart))
def test_the_id_of_a_part_leads_to_its_call(number, part):
    call = new_call_id()
    name = part_id(call, part, number)
    assert call_of(name) == call
    assert number_of(name, part) == number
    assert all(number_of(name, other) == -1 for other in CallPart if other is not part)


@pytest.mark.parametrize("name", ["", "1", "x" * 36, "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_id_of_a_part_leads_nowhere(name):
    assert call_of(name) == ""
    assert number_of(name, CallPart.LEG) == -1


SOUNDS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 900), st.sampled_from([220, 400])).map(
        lambda drawn: Sound(min(drawn[:2]), max(drawn[:2]), drawn[2])
    ),
    max_size=3,
)


@settings(deadline=None)
@given(ms=st.integers(0, 1000), sounds=SOUNDS, cuts=st.lists(st.integers(0, 17_000), max_size=4))
def test_parts_of_a_file_make_up_the_whole(ms, sounds, cuts):
    audio = Audio(ms, tuple(sounds))
    whole = b"".join(audio)
    assert len(audio) == len(whole) == 44 + 16 * ms
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts = [audio[start:stop] for start, stop in pairwise(places)]
    assert b"".join(b"".join(part) for part in parts) == whole
    assert [len(part) for part in parts] == [len(b"".join(part)) for part in parts]
    if len(parts) > 1:
        middle = audio[places[1] :]
        assert b"".join(middle[5:9]) == whole[places[1] :][5:9]


def test_a_timeline_is_computed_once_as_long_as_nothing_changes():
    call = StoredCall(
        new_call_id(), 1e9, 1.0, False, "3120", "3161", (FlowStart(0, {"steps": [HANGUP]}),)
    )
    assert timeline_of(stored_call_text(call)) is timeline_of(stored_call_text(call))
    assert json.loads(stored_call_text(call))["id"] == call.id
