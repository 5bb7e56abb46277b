"""What each action does: reference 6.2."""

import pytest
from simulated import call, flow, path, say, step, told

from mbflow.simulator.caller import HangUp, Machine, Press, Speak, Wait
from mbflow.simulator.transcript import heard

SALES = "31201234567"
SUPPORT = "31207654321"


def test_say_repeats():
    transcript = call(flow(say("Hello there, caller.", repeat=3)))
    assert [entry[0] for entry in told(transcript, "say")] == [0.0, 1.4, 2.8]
    assert transcript.ending.at == 4200


def test_repeat_zero_means_not_set():
    assert heard(call(flow(say("Hello.", repeat=0)))) == ["Hello."]


def test_a_key_stops_the_repetition():
    body = flow(say("Press any key.", repeat=5, jump=(None, "k")), say("Thanks."))
    assert heard(call(body, Press("1", at=1500))) == ["Press any key.", "Press", "Thanks."]


def test_play_one_file_or_several():
    one = call(flow(step("play", media="https://x.example/a.wav")))
    assert heard(one) == ["https://x.example/a.wav"]
    two = call(flow(step("play", media=["https://x.example/a.wav", "https://x.example/b.wav"])))
    assert [entry[0] for entry in told(two, "play")] == [0.0, 10.0]


def test_send_keys():
    transcript = call(flow(step("sendKeys", keys="12#", duration=500, interval=50)))
    assert told(transcript, "tones") == [(0.0, "tones", "12#", "")]
    assert transcript.ending.at == 1600


def test_an_action_nobody_knows_is_passed_over_and_told():
    transcript = call(flow(step("dance", hard=True), say("Done.")))
    assert told(transcript, "passed") == [(0.0, "passed", "dance", "")]
    assert heard(transcript) == ["Done."]


def test_a_transfer_that_is_answered_ends_the_call_with_it():
    transcript = call(flow(step("transfer", destination=SALES), say("Never said.")))
    assert told(transcript) == [
        (0.0, "dial", SALES, ""),
        (1.0, "outcome", SALES, "answered"),
        (61.0, "parted", SALES, "the called party"),
        (61.0, "end", SALES, "transferred"),
    ]
    assert transcript.ending.text == SALES


@pytest.mark.parametrize(("outcome", "at"), [("busy", 1.0), ("no_answer", 30.0), ("failed", 1.0)])
def test_a_transfer_that_nobody_answers_goes_on_below(outcome, at):
    body = flow(step("transfer", destination=SALES), step("transfer", destination=SUPPORT))
    transcript = call(body, transfers={SALES: outcome})
    assert told(transcript, "outcome") == [
        (at, "outcome", SALES, outcome),
        (at + 1, "outcome", SUPPORT, "answered"),
    ]
    assert transcript.ending.text == SUPPORT


def test_who_hangs_up_while_it_rings_was_not_transferred():
    transcript = call(flow(step("transfer", destination=SALES)), HangUp(at=500))
    assert (transcript.ending.kind, transcript.ending.at) == ("caller", 500)


def test_a_caller_who_hangs_up_during_the_talk_was_transferred():
    transcript = call(flow(step("transfer", destination=SALES)), HangUp(at=5000))
    assert (transcript.ending.kind, transcript.ending.at) == ("transferred", 5000)
    assert told(transcript, "parted") == [(5.0, "parted", SALES, "the caller")]


def test_a_transfer_without_destination_fails():
    assert told(call(flow(step("transfer"))), "outcome") == [(1.0, "outcome", "", "failed")]


@pytest.mark.parametrize(
    ("record", "channels"),
    [("in", ["in"]), ("out", ["out"]), ("both", ["in", "out"]), (None, []), ("none", [])],
)
def test_a_transfer_can_be_recorded(record, channels):
    options = {"destination": SALES} | ({"record": record} if record else {})
    transcript = call(flow(step("transfer", **options)))
    recorded = [event for event in transcript.events if event.kind == "recorded"]
    assert [event.detail for event in recorded] == [f"transfer {name}" for name in channels]
    assert {event.lasts for event in recorded} <= {60_000}


def test_a_whole_call_can_be_recorded():
    transcript = call(flow(say("Hello."), record=True))
    assert told(transcript, "record", "recorded") == [
        (0.0, "record", "", "call"),
        (0.4, "recorded", "", "call"),
    ]


def recorded(transcript):
    return [(e.at / 1000, e.text, e.why) for e in transcript.events if e.kind == "recorded"]


VOICEMAIL = flow(step("record", maxLength=20, timeout=3, finishOnKey="#"), say("Thanks."))


def test_a_recording_ends_with_its_key():
    transcript = call(VOICEMAIL, Speak("Please call me back."), Press("#"))
    assert recorded(transcript) == [(1.4, "Please call me back.", "key")]
    assert heard(transcript) == ["Thanks."]


def test_a_recording_ends_with_silence():
    assert recorded(call(VOICEMAIL)) == [(3.0, "", "silence")]
    assert recorded(call(VOICEMAIL, Speak("Please call me back."))) == [
        (4.4, "Please call me back.", "silence")
    ]


def test_a_recording_ends_at_its_length_and_keeps_its_words():
    transcript = call(VOICEMAIL, Speak("ten chars " * 40))
    (end,) = recorded(transcript)
    assert end[0] == 20.0 and end[2] == "maxLength"
    assert len(end[1]) == pytest.approx(20 * 15, abs=10)


def test_a_recording_ends_when_the_caller_hangs_up():
    transcript = call(VOICEMAIL, Speak("Please call me back."), HangUp())
    assert recorded(transcript) == [(1.4, "Please call me back.", "hang_up")]
    assert transcript.ending.kind == "caller"


def test_several_sentences_are_one_recording():
    transcript = call(VOICEMAIL, Speak("One."), Wait(1000), Speak("Two."), Press("#"))
    assert recorded(transcript) == [(1.6, "One. Two.", "key")]


@pytest.mark.parametrize(
    ("finish", "key", "how"),
    [("any", "5", "key"), ("*", "*", "key"), ("#", "1", "silence"), ("none", "#", "silence")],
)
def test_which_keys_finish_a_recording(finish, key, how):
    body = flow(step("record", timeout=4, finishOnKey=finish))
    transcript = call(body, Press(key, at=2000))
    assert recorded(transcript)[0][2] == how
    detail = "finish" if how == "key" else "recorded"
    assert told(transcript, "key") == [(2.0, "key", key, detail)]


def test_on_finish_takes_a_recording_and_gives_a_flow():
    body = flow(step("record", timeout=2, onFinish="https://x.example/next"), say("Never said."))
    transcript = call(body, replies={"https://x.example/next": flow(say("Second question?"))})
    assert told(transcript, "fetch", "reply") == [
        (2.0, "fetch", "https://x.example/next", "POST"),
        (2.5, "reply", "https://x.example/next", "flow"),
    ]
    assert heard(transcript) == ["Second question?"]


def test_on_finish_is_told_when_the_caller_hangs_up():
    body = flow(step("record", timeout=9, onFinish="https://x.example/next"))
    transcript = call(body, HangUp(at=1000), replies={"https://x.example/next": flow(say("No."))})
    assert [entry[1] for entry in told(transcript)] == ["record", "recorded", "fetch", "end"]


def test_an_on_finish_that_gives_no_flow_goes_on_below():
    body = flow(step("record", timeout=2, onFinish="https://x.example/next"), say("Thanks."))
    transcript = call(body, replies={"https://x.example/next": None})
    assert heard(transcript) == ["Thanks."]
    assert path(transcript)[0] == (0, "unfetched", 1)


def test_an_empty_on_finish_is_none():
    body = flow(step("record", timeout=2, onFinish=""), say("Thanks."))
    assert heard(call(body)) == ["Thanks."]


FETCH = flow(say("One moment."), step("fetchCallFlow", url="https://x.example/f"), say("Unsaid."))


def test_a_fetched_flow_goes_on_with_the_call():
    transcript = call(FETCH, replies={"https://x.example/f": flow(say("Fetched."))})
    assert heard(transcript) == ["One moment.", "Fetched."]
    assert [move.flow for move in transcript.moves] == ["main", "main", "https://x.example/f"]
    assert told(transcript, "fetch")[0][3] == "GET"


def test_variables_go_along_to_the_fetched_flow():
    body = flow(
        say("Press.", jump=(None, "choice")), step("fetchCallFlow", url="https://x.example/f")
    )
    fetched = flow(say("You chose 4.", conditions=[("choice", "4")]))
    transcript = call(body, Press("4"), replies={"https://x.example/f": fetched})
    assert heard(transcript)[-1] == "You chose 4."


def test_a_fetch_that_fails_ends_the_call():
    transcript = call(FETCH, replies={"https://x.example/f": None})
    assert transcript.ending.kind == "fetch_failed"
    assert heard(transcript) == ["One moment."]


def test_a_fetch_with_no_known_reply_leaves_the_call_open():
    transcript = call(FETCH)
    assert transcript.is_open
    assert (transcript.ending.kind, transcript.ending.text) == ("fetched", "https://x.example/f")
    assert transcript.request.variables == {}
    assert told(transcript, "end") == []


def test_a_caller_may_hang_up_while_the_reply_is_awaited():
    assert call(FETCH, HangUp(at=9000)).ending.at == 9000
    answered = call(FETCH, HangUp(at=900), replies={"https://x.example/f": flow(say("Late."))})
    assert (answered.ending.kind, answered.ending.at) == ("caller", 900)


@pytest.mark.parametrize(
    ("wish", "said_at", "ending"),
    [("continue", 0.0, "end_of_flow"), ("delay", 6.0, "end_of_flow"), ("hangup", None, "hangup")],
)
def test_an_answering_machine(wish, said_at, ending):
    transcript = call(flow(say("Hello.", ifMachine=wish)), Machine())
    assert [entry[0] for entry in told(transcript, "say")] == ([] if said_at is None else [said_at])
    assert transcript.ending.kind == ending


def test_delay_is_the_default_and_applies_once():
    transcript = call(flow(say("Hello."), say("Again.")), Machine())
    assert [entry[0] for entry in told(transcript, "say")] == [6.0, 6.4]


def test_a_short_machine_timeout_misses_the_machine():
    body = flow(say("Hello.", ifMachine="hangup", machineTimeout=400))
    assert heard(call(body, Machine())) == ["Hello."]
    assert heard(call(flow(say("Hello.", ifMachine="hangup", machineTimeout=0)), Machine())) == []


def test_a_person_is_not_kept_waiting():
    assert told(call(flow(say("Hello.", ifMachine="hangup"))), "say")[0][0] == 0.0


def test_a_transfer_hangs_up_on_a_machine_only_if_told_to():
    body = flow(step("transfer", destination=SALES, ifMachine="hangup"))
    transcript = call(body, transfers={SALES: "machine"})
    assert (transcript.ending.kind, transcript.ending.at) == ("hangup", 3000)
    assert path(transcript) == [(0, "machine", -2)]
    body = flow(step("transfer", destination=SALES))
    assert call(body, transfers={SALES: "machine"}).ending.kind == "transferred"


def test_max_duration_cuts_the_call():
    transcript = call(flow(step("pause", length=60), maxDuration=10))
    assert (transcript.ending.kind, transcript.ending.at) == ("max_duration", 10_000)
    talk = call(flow(step("transfer", destination=SALES, record="in"), maxDuration=10))
    assert talk.ending.kind == "max_duration"
    assert told(talk, "parted") == [(10.0, "parted", SALES, "the service")]


def test_keys_are_found_without_regard_to_case():
    body = {
        "Steps": [{"ACTION": "say", "options": {"Payload": "Hi.", "Repeat": 2, "language": "en"}}]
    }
    assert heard(call(body)) == ["Hi.", "Hi."]
