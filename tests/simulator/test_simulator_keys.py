"""Keys, variables and conditions: reference 6.3."""

import pytest
from simulated import call, flow, path, say, step, told

from mbflow.simulator.caller import HangUp, Press, Wait
from mbflow.simulator.transcript import heard

MENU = flow(
    say("For sales, press 1. For help, press 2.", jump=("menu", "choice")),
    step("pause", length=10, jump=("menu", "choice")),
    say("Good bye."),
    step("hangup"),
    say("Sales.", id="menu", conditions=[("choice", "1")]),
    step("hangup", conditions=[("choice", "1")]),
    say("Help.", conditions=[("choice", "2")]),
)


def test_nobody_presses():
    transcript = call(MENU)
    assert heard(transcript) == ["For sales, press 1. For help, press 2.", "Good bye."]
    assert told(transcript) == [
        (0.0, "say", "For sales, press 1. For help, press 2.", ""),
        (2.6, "pause", "", ""),
        (12.6, "say", "Good bye.", ""),
        (13.2, "end", "", "hangup"),
    ]


def test_a_key_without_a_time_comes_after_the_prompt():
    transcript = call(MENU, Press("1"))
    assert told(transcript) == [
        (0.0, "say", "For sales, press 1. For help, press 2.", ""),
        (2.6, "key", "1", ""),
        (2.6, "input", "1", "choice"),
        (2.6, "say", "Sales.", ""),
        (3.0, "end", "", "hangup"),
    ]
    assert transcript.variables == {"choice": "1"}
    assert transcript.left == ()


def test_a_key_with_a_time_cuts_the_prompt_short():
    transcript = call(MENU, Press("2", at=1300))
    assert heard(transcript) == ["For sales, press 1.", "Help."]
    assert transcript.ending.kind == "end_of_flow"


def test_a_key_in_the_pause_counts_as_well():
    transcript = call(MENU, Wait(5000), Press("2"))
    assert path(transcript)[:2] == [(0, "next", 1), (1, "keys", 4)]
    assert ("key", "2") in [entry[1:3] for entry in told(transcript) if entry[0] == 5.0]


def test_a_key_between_two_steps_is_the_seconds():
    assert path(call(MENU, Press("1", at=2599)))[0] == (0, "keys", 4)
    assert path(call(MENU, Press("1", at=2600)))[:2] == [(0, "next", 1), (1, "keys", 4)]


def test_a_key_that_no_condition_names_falls_through_all_of_them():
    transcript = call(MENU, Press("9"))
    assert heard(transcript) == ["For sales, press 1. For help, press 2."]
    assert [why for _, why, _ in path(transcript)] == ["keys", "skipped", "skipped", "skipped"]


def test_a_key_while_nothing_listens_is_told_and_lost():
    transcript = call(flow(say("Please hold the line."), step("hangup")), Press("1", at=500))
    assert told(transcript, "key") == [(0.5, "key", "1", "unheard")]
    assert heard(transcript) == ["Please hold the line."]


def test_a_press_that_finds_nobody_listening_is_left_over():
    transcript = call(flow(say("Hello."), step("hangup")), Press("12"), HangUp())
    assert transcript.left == (Press("12"), HangUp())


def test_the_rest_of_a_press_is_left_when_the_call_ends():
    transcript = call(flow(say("Press.", jump=(None, "x")), step("hangup")), Press("123"))
    assert transcript.variables == {"x": "1"}
    assert transcript.left == (Press("23"),)


def test_the_second_key_goes_to_the_next_step_that_listens():
    body = flow(
        say("First?", jump=("next", "a")),
        step("hangup"),
        step("pause", id="next", length=5, jump=(None, "b")),
        step("hangup"),
    )
    assert call(body, Press("47")).variables == {"a": "4", "b": "7"}


def test_keys_without_goto_are_stored_and_the_step_below_runs():
    transcript = call(flow(say("Age?", jump=(None, "age")), say("Thanks.")), Press("7"))
    assert path(transcript)[0] == (0, "keys", 1)
    assert transcript.variables == {"age": "7"}


def test_goto_without_variable_jumps_and_stores_nothing():
    body = flow(say("Any key.", jump=("bye", None)), step("hangup"), say("Bye.", id="bye"))
    transcript = call(body, Press("5"))
    assert heard(transcript)[-1] == "Bye."
    assert transcript.variables == {}


def test_a_goto_to_nowhere_breaks_the_call():
    transcript = call(flow(say("Press.", jump=("gone", None))), Press("1"))
    assert transcript.ending.kind == "broken"
    assert transcript.ending.text == "no step has the id 'gone'"


def collect(**fields):
    asked = say("Your number?", jump=("got", "number")) | fields
    return flow(asked, say("Nothing came."), step("hangup"), say("Thanks.", id="got"))


@pytest.mark.parametrize(
    ("fields", "press", "value"),
    [
        ({"maxNumKeys": 4}, "1234", "1234"),
        ({"maxNumKeys": 4}, "123456", "1234"),
        ({"maxNumKeys": 6, "endKey": "#"}, "12#", "12"),
        ({"endKey": "#"}, "1234567#", "1234567"),
        ({"endKey": "#"}, "*#", "*"),
        ({"endKey": "#"}, "#", "#"),
        ({"maxNumKeys": 1}, "*", "*"),
        ({}, "12", "1"),
        ({"maxNumKeys": 0}, "12", "1"),
    ],
)
def test_several_digits(fields, press, value):
    assert call(collect(**fields), Press(press)).variables == {"number": value}


def test_digits_that_stop_coming_count_after_a_while():
    transcript = call(collect(maxNumKeys=6), Press("12"))
    assert transcript.variables == {"number": "12"}
    assert [entry[0] for entry in told(transcript, "key", "input")] == [0.8, 1.1, 6.1]


def test_several_conditions_must_all_hold():
    body = flow(
        say("A?", jump=(None, "a")),
        say("B?", jump=(None, "b")),
        say("Both.", conditions=[("a", "1"), ("b", "2")]),
        say("End."),
    )
    assert heard(call(body, Press("1"), Press("2")))[-2:] == ["Both.", "End."]
    assert heard(call(body, Press("1"), Press("3")))[-2:] == ["B?", "End."]


def test_a_variable_that_nothing_set_is_empty():
    body = flow(say("Press.", jump=(None, "a")), say("Nobody.", conditions=[("a", "")]))
    assert heard(call(body)) == ["Press.", "Nobody."]
    assert heard(call(body, Press("1"))) == ["Press."]


def test_an_operator_that_nobody_has_seen_never_holds():
    never = say("Odd.")
    never["conditions"] = [{"variable": "a", "operator": "!=", "value": "1"}]
    assert heard(call(flow(never, say("End.")))) == ["End."]


def test_play_and_record_listen_too():
    body = flow(
        step("play", media="https://x.example/a.wav", jump=("end", "k")), say("E", id="end")
    )
    assert path(call(body, Press("1", at=3000)))[0] == (0, "keys", 1)
    body = flow(step("record", timeout=5, jump=("end", "k")), step("hangup"), say("E", id="end"))
    transcript = call(body, Press("3"))
    assert transcript.variables == {"k": "3"}
    assert [e.why for e in transcript.events if e.kind == "recorded"] == ["input"]


def test_a_transfer_does_not_listen():
    body = flow(step("transfer", destination="31201234567", jump=("end", "k")), say("E", id="end"))
    transcript = call(body, Press("1", at=2000))
    assert transcript.variables == {}
    assert told(transcript, "key") == [(2.0, "key", "1", "unheard")]
