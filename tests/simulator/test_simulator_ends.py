"""Nothing runs for ever, and nothing crashes: endless flows, long flows, odd flows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import call, flow, path, say, step

from mbflow.simulator.caller import HangUp, Press, Wait
from mbflow.simulator.transcript import heard


def test_falling_off_the_end():
    transcript = call(flow(say("Hello.")))
    assert (transcript.ending.kind, transcript.ending.at) == ("end_of_flow", 400)


def test_a_flow_without_steps():
    assert call(flow()).ending.text == "the flow has no steps"
    assert call({}).ending.kind == "end_of_flow"


def test_five_hundred_steps():
    body = flow(*[say(f"Step {number}.") for number in range(500)])
    assert len(call(body).moves) == 500


def test_a_looped_text_is_cut_and_reported():
    transcript = call(flow(say("Please hold.", loop=True), say("Never said.")))
    assert transcript.ending.kind == "endless"
    assert transcript.ending.text == "cut after 1000 readings of a looped text"


def test_a_looped_text_ends_with_a_key():
    body = flow(say("Press 1.", loop=True, jump=(None, "k")), say("Thanks."))
    assert heard(call(body, Wait(2000), Press("1")))[-1] == "Thanks."


def test_a_looped_text_without_words_is_cut_too():
    assert call(flow(say("", loop=True))).ending.kind == "endless"


def test_a_recording_that_nothing_ends_is_cut_and_reported():
    transcript = call(flow(step("record")))
    assert transcript.ending.kind == "endless"
    assert transcript.ending.text == "cut after 8 hours: nothing ends the call"
    assert call(flow(step("record")), HangUp(at=7000)).ending.at == 7000


def test_a_flow_that_fetches_itself_is_cut_and_reported():
    again = flow(step("fetchCallFlow", url="https://x.example/again"))
    transcript = call(again, replies={"https://x.example/again": again})
    assert transcript.ending.kind == "endless"
    assert transcript.ending.text == "cut after 100 fetched flows"


def test_gotos_in_a_circle_go_round_once_a_key():
    body = flow(say("Again?", id="top", jump=("top", None)), step("hangup"))
    transcript = call(body, Press("1" * 50))
    assert path(transcript) == [(0, "keys", 0)] * 50 + [(0, "next", 1), (1, "hangup", -2)]


def test_gotos_without_end_are_cut_and_reported():
    body = flow(say("Again?", id="top", jump=("top", None)), step("hangup"))
    transcript = call(body, Press("1" * 20_000))
    assert transcript.ending.text == "cut after 10000 steps"


@pytest.mark.parametrize("nonsense", [None, True, "9", -1, float("nan"), 10**30, [], {}])
def test_odd_values_are_read_as_not_set(nonsense):
    body = {
        "record": nonsense,
        "maxDuration": nonsense if nonsense != 10**30 else None,
        "steps": [
            {"action": "say", "options": {"payload": nonsense, "repeat": nonsense}},
            {"action": "pause", "options": {"length": nonsense}, "endKey": nonsense},
            {"action": "play", "options": {"media": nonsense}, "conditions": nonsense},
            {"action": nonsense, "options": nonsense, "onKeypressGoto": nonsense},
            nonsense,
        ],
    }
    assert call(body).ending.kind in ("end_of_flow", "endless", "max_duration")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = """
id action options conditions onKeypressGoto onKeypressVar endKey maxNumKeys payload repeat loop
length media maxLength timeout finishOnKey onFinish url keys duration destination record ifMachine
machineTimeout variable operator value steps maxDuration
"""
names = st.sampled_from(NAMES.split())
actions = st.sampled_from(
    ["say", "play", "pause", "record", "transfer", "sendKeys", "fetchCallFlow", "hangup", "dance"]
)
odd_objects = st.dictionaries(names, json_values, max_size=6)
odd_steps = st.builds(
    lambda fields, action, options: {**fields, "action": action, "options": options},
    odd_objects,
    actions,
    odd_objects,
)


@given(
    st.builds(lambda fields, steps: {**fields, "steps": steps}, odd_objects, st.lists(odd_steps))
)
def test_no_flow_crashes_the_simulator(body):
    transcript = call(body, Press("1#"), HangUp(at=5000))
    assert transcript.ending.at >= 0
