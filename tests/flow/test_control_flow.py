"""The ways out of each step, and what can be reached along them."""

import pytest

from mbflow.flow.control_flow import Way, ending, reachable, ways
from mbflow.flow.steps import END_OF_FLOW, MISSING, OVER, parse_program
from mbflow.flow.vocabulary import Reason

CONDITION = [{"variable": "x", "operator": "==", "value": "1"}]


def program(*steps, **fields):
    return parse_program("main", {"steps": list(steps), **fields})


def say(**fields):
    return {"action": "say", "options": {"payload": "Hello."}, **fields}


def out_of_first(*steps):
    return {(way.why, way.to) for way in ways(program(*steps)) if way.step == 0}


@pytest.mark.parametrize("action", ["say", "play", "pause", "sendKeys", "dance"])
def test_most_steps_lead_to_the_step_below(action):
    assert out_of_first({"action": action}, say()) == {(Reason.NEXT, 1)}
    assert out_of_first({"action": action}) == {(Reason.NEXT, END_OF_FLOW)}


def test_keys_lead_to_the_step_that_is_named():
    step = say(onKeypressGoto="menu", onKeypressVar="x")
    found = out_of_first(step, say(), say(id="menu"))
    assert found == {(Reason.NEXT, 1), (Reason.KEYS, 2)}


def test_keys_without_goto_lead_to_the_step_below():
    assert (Reason.KEYS, 1) in out_of_first(say(onKeypressVar="x"), say())


def test_keys_to_a_step_that_is_not_there():
    assert (Reason.KEYS, MISSING) in out_of_first(say(onKeypressGoto="gone"), say())


def test_of_two_steps_with_one_id_the_first_counts():
    found = out_of_first(say(onKeypressGoto="twin"), say(id="twin"), say(id="twin"))
    assert (Reason.KEYS, 1) in found


def test_a_condition_can_skip_the_step():
    assert out_of_first(say(conditions=CONDITION), say()) == {(Reason.NEXT, 1), (Reason.SKIPPED, 1)}


def test_a_hangup_is_the_end():
    assert out_of_first({"action": "hangup"}, say()) == {(Reason.HANGUP, OVER)}


def test_a_transfer():
    step = {"action": "transfer", "options": {"destination": "31201234567"}}
    assert out_of_first(step, say()) == {(Reason.ANSWERED, OVER), (Reason.UNANSWERED, 1)}
    step["options"]["ifMachine"] = "hangup"
    assert (Reason.MACHINE, OVER) in out_of_first(step, say())


def test_a_fetch_hands_the_call_over():
    step = {"action": "fetchCallFlow", "options": {"url": "https://x.example"}}
    assert out_of_first(step, say()) == {(Reason.FETCHED, OVER), (Reason.UNFETCHED, OVER)}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"timeout": 5}, {(Reason.NEXT, 1)}),
        ({"maxLength": 60}, {(Reason.NEXT, 1)}),
        ({"finishOnKey": "#"}, {(Reason.NEXT, 1)}),
        (
            {"timeout": 5, "onFinish": "https://x.example"},
            {(Reason.FETCHED, OVER), (Reason.UNFETCHED, 1)},
        ),
        ({"finishOnKey": "none"}, set()),
        ({}, set()),
    ],
)
def test_a_recording(options, found):
    assert out_of_first({"action": "record", "options": options}, say()) == found


def test_a_looped_text_goes_on_only_with_a_key():
    step = {"action": "say", "options": {"payload": "Hold.", "loop": True}}
    assert out_of_first(step, say()) == set()
    assert out_of_first(step | {"onKeypressVar": "x"}, say()) == {(Reason.KEYS, 1)}


def test_edges_are_values():
    assert Way(0, Reason.NEXT, 1) in set(ways(program(say(), say())))


MENU = program(
    say(onKeypressGoto="menu"),
    {"action": "hangup"},
    say(),
    say(id="menu"),
    {"action": "say", "options": {"payload": "Hold.", "loop": True}},
)


def test_what_can_be_reached():
    assert reachable(MENU) == {0, 1, 3, 4}
    assert reachable(program()) == set()


def test_where_a_call_can_come_to_an_end():
    assert ending(MENU) == {0, 1}
