"""Promises over all calls of one flow: holding, broken by the shortest call, not decided."""

import pytest
from drawn import NUMBERS, flows, outcomes, replies, scripts
from hypothesis import given, settings
from simulated import call, flow, say, step
from strategies import MANY
from test_space import space_of

from mbflow.flow.steps import parse_program
from mbflow.model.promise import AtMost, Before, CanReach, Every, Fit, Promise, SilentCaller, fit
from mbflow.simulator.caller import Press
from mbflow.simulator.promises import decide, script_of_claim
from mbflow.simulator.space import Space
from mbflow.simulator.transcript import EventKind, heard
from mbflow.simulator.verdict import Broken, Holds, NotDecided

DESK, SALES = "442079460100", "442079460111"
SECRET = "${boss}"
FETCH = step("fetchCallFlow", url="https://x.example")
HANG_UP = step("hangup")


def ring(number, **more):
    return step("transfer", destination=number, **more)


def only(key, one):
    """The step, where that key was pressed."""
    return one | {"conditions": [{"variable": "key", "operator": "==", "value": key}]}


def ask(text="Press 1.", goto="chosen", **more):
    return say(text, jump=(goto, "key"), **more)


def chosen(*steps):
    return [{**steps[0], "id": "chosen"}, *steps[1:]]


def space_with_tries(body):
    """As promises are decided: whoever was busy may answer when rung again."""
    return Space([parse_program("main", body)], is_each_try_alone=True)


def found(body, claim):
    return decide(space_with_tries(body), claim)


def text_of(body, claim, kind=Broken):
    verdict = found(body, claim)
    assert type(verdict) is kind, verdict
    return verdict.text


def keys_of(body, claim):
    """What the caller presses in the shortest call that breaks the promise."""
    space = space_with_tries(body)
    verdict = decide(space, claim)
    does = script_of_claim(space, claim, verdict.path).does
    return [act.keys for act in does if isinstance(act, Press)]


MENU = flow(ask(), HANG_UP, *chosen(only("1", ring(DESK)), HANG_UP))


def test_a_way_leads_there_from_every_point_that_waits():
    assert found(MENU, CanReach("transfer")) == Holds()
    assert found(MENU, CanReach("transfer", (DESK,))) == Holds()
    assert found(MENU, CanReach("hangup")) == Holds()
    assert text_of(MENU, CanReach("record")) == (
        "From the beginning no way leads to a step with the action record."
    )


def test_the_point_from_which_no_way_leads_is_named():
    deep = chosen(only("1", ring(DESK)), ask("Nobody is there. Press 2.", goto="last"))
    body = flow(ask(), HANG_UP, *deep, HANG_UP, {**say("Bye."), "id": "last"})
    assert text_of(body, CanReach("transfer")) == (
        "From step 4 (say), where the call waits, no way leads to a transfer."
    )
    assert keys_of(body, CanReach("transfer")) == ["2"]


def test_a_recording_waits_for_the_caller():
    body = flow(ring(DESK), step("record", maxLength=5), HANG_UP)
    assert text_of(body, CanReach("transfer")) == (
        "From step 2 (record), where the call waits, no way leads to a transfer."
    )


def test_a_way_takes_as_long_as_its_texts():
    body = flow(say("a" * 150), *MENU["steps"])
    assert found(body, CanReach("transfer", within_ms=11_000)) == Holds()
    assert text_of(body, CanReach("transfer", within_ms=10_000)) == (
        "From the beginning it takes 10.6 s to come to a transfer, at the shortest; "
        "promised is 10 s."
    )
    assert "maxDuration is 10 s" in text_of(body | {"maxDuration": 10}, CanReach("transfer"))


@pytest.mark.parametrize(
    "body",
    [
        flow(say("Hello."), FETCH),
        flow(ring(DESK), step("record", maxLength=5, onFinish="https://x.example"), ring(DESK)),
        flow(ring(SECRET)),
        flow(ask(), HANG_UP, *chosen(only("${pin}", ring(DESK)), HANG_UP)),
    ],
)
def test_what_a_web_server_or_a_secret_decides_is_open(body):
    text_of(body, CanReach("transfer", (DESK,)), NotDecided)


def test_who_does_nothing_comes_to_an_end_that_is_promised():
    body = flow(ask(), ring(DESK), HANG_UP, *chosen(say("No."), HANG_UP))
    assert found(body, SilentCaller(("transferred", "hangup"))) == Holds()
    assert text_of(body, SilentCaller(("transferred",))) == (
        "A caller who does nothing comes to the end hangup; promised is transferred."
    )
    assert found(body, SilentCaller(("transferred", "hangup"), 31_000)) == Holds()
    assert text_of(body, SilentCaller(("transferred", "hangup"), 30_000)) == (
        "A caller who does nothing comes to the end hangup after 30.6 s; promised is 30 s."
    )


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ([say("Bye.")], "end_of_flow"),
        ([say("Hold the line.", loop=True)], "endless"),
        ([step("record", finishOnKey="#")], "endless"),
        ([HANG_UP], "hangup"),
        ([step("record", maxLength=5)], "end_of_flow"),
        ([step("pause", length=2), HANG_UP], "hangup"),
    ],
)
def test_every_end_of_a_silent_caller_has_its_name(steps, end):
    assert f"comes to the end {end};" in text_of(flow(*steps), SilentCaller(("fetched",)))


def test_a_recording_is_an_end_once_it_begins():
    body = flow(say("a" * 15), step("record", maxLength=5, onFinish="https://x.example"))
    assert found(body, SilentCaller(("recorded",), 1000)) == Holds()
    assert "recorded after 1 s" in text_of(body, SilentCaller(("recorded",), 900))


def test_a_call_may_be_over_before_a_silent_caller_is_served():
    body = flow(say("a" * 150), ring(DESK), maxDuration=5)
    assert "the end max_duration;" in text_of(body, SilentCaller(("transferred",)))
    assert found(body, SilentCaller(("max_duration",))) == Holds()


def test_max_duration_may_end_a_call_before_a_server_is_asked():
    record = step("record", timeout=10, onFinish="https://x.example")
    assert found(flow(record, maxDuration=9), SilentCaller(("max_duration",), 9_000)) == Holds()
    long = step("pause", length=30)
    body = flow(record, long, HANG_UP, maxDuration=20)
    assert "comes to the end max_duration" in text_of(body, SilentCaller(("fetched", "hangup")))


def test_a_call_may_be_over_before_a_recording_is_handed_on():
    record = step("record", maxLength=30, onFinish="https://x.example")
    body = flow(step("pause", length=20), record, maxDuration=20)
    both = ("fetched", "fetch_failed", "end_of_flow")
    assert "the end max_duration;" in text_of(body, SilentCaller(both))
    assert found(body | {"maxDuration": 60}, SilentCaller(both)) == Holds()
    text_of(flow(record), SilentCaller(both, 99_000), NotDecided)


def test_a_silent_caller_of_a_web_server_is_not_decided():
    both = ("fetched", "fetch_failed")
    text_of(flow(FETCH), SilentCaller(("hangup", "fetch_failed")), NotDecided)
    text_of(flow(FETCH), SilentCaller(both, 1000), NotDecided)
    assert found(flow(FETCH), SilentCaller(both)) == Holds()
    assert "fetch_failed" in text_of(flow(FETCH), SilentCaller(("fetched",)))


RECORDED = Before("record", ("is recorded",))


def test_a_text_was_heard_before():
    heard = flow(say("Your message\n IS recorded."), step("record", maxLength=5))
    assert found(heard, RECORDED) == Holds()
    skipped = flow(ask("x"), *chosen(only("2", heard["steps"][0]), heard["steps"][1]))
    assert text_of(skipped, RECORDED) == (
        'Step 3 (record) runs, and "is recorded" was not heard to the end.'
    )
    bilingual = Before("record", ("is recorded", "opgenomen"))
    assert found(flow(say("Wordt opgenomen."), step("record", maxLength=5)), bilingual) == Holds()


def test_a_key_cuts_a_text_short():
    body = flow(ask("It is recorded."), *chosen(step("record", maxLength=5)))
    assert keys_of(body, RECORDED) == ["1"]
    assert found(body, RECORDED._replace(whole=False)) == Holds()


@pytest.mark.parametrize("more", [{}, {"repeat": 3}, {"loop": True}])
def test_the_call_shows_the_text_that_a_key_cuts(more):
    notice = ask("You are recorded. Press 1.", **more)
    body = flow(notice, *chosen(step("record", maxLength=20)))
    space = space_with_tries(body)
    claim = Before("record", ("recorded",))
    verdict = decide(space, claim)
    transcript = script_of_claim(space, claim, verdict.path).call(space.walks[0].program)
    assert heard(transcript) == ["You are"]


def test_whoever_records_counts():
    whole = flow(say("It is recorded."), record=True)
    assert text_of(whole, RECORDED) == "The whole call is recorded, from its beginning."
    talk = flow(ring(DESK, record="both"))
    assert text_of(talk, RECORDED).startswith("Step 1 (transfer) runs")
    assert found(flow(ring(DESK)), RECORDED) == Holds()
    text_of(flow(say("It is recorded."), FETCH), RECORDED, NotDecided)


TWICE = flow(say("Hello."), ring(DESK), ring(DESK, record="both"), HANG_UP)


def test_a_busy_number_may_answer_when_it_is_rung_again():
    assert text_of(TWICE, RECORDED, NotDecided) == (
        'Step 3 (transfer) runs, and "is recorded" was not heard to the end. No simulated call '
        f"shows it: a call file says once what {DESK} does, and here it does two things."
    )
    told = flow(say("It is recorded."), *TWICE["steps"])
    assert found(told, RECORDED) == Holds()


def test_a_longer_call_shows_what_the_shortest_cannot():
    body = flow(*TWICE["steps"][:-1], ask(), HANG_UP, *chosen(ring(SALES, record="both")))
    assert keys_of(body, RECORDED) == ["1"]


def test_a_machine_may_pick_up_where_a_person_was_busy():
    more = {"ifMachine": "hangup"}
    body = flow(ring(DESK, **more), ring(DESK, **more), ring(SALES), HANG_UP)
    assert found(body, CanReach("transfer", (SALES,))) == Holds()
    assert keys_of(body, Every("transfer", (DESK,))) == []


def test_a_hangup_is_a_step_too():
    claim = Before("hangup", ("Goodbye",))
    assert found(flow(say("Goodbye."), HANG_UP), claim) == Holds()
    assert text_of(flow(say("Hm."), HANG_UP), claim).startswith("Step 2 (hangup) runs")
    assert text_of(flow(HANG_UP), claim).startswith("Step 1 (hangup) runs")
    assert found(flow(HANG_UP), CanReach("hangup")) == Holds()


OURS = Every("transfer", (DESK, "4420794601*"))


def test_only_promised_destinations_are_rung():
    assert found(MENU, OURS) == Holds()
    assert found(flow(HANG_UP, ring("31201234567")), OURS) == Holds(), "nobody comes there"
    body = flow(ask(), HANG_UP, *chosen(only("1", ring("31201234567")), HANG_UP))
    assert text_of(body, OURS) == (
        "Step 3 rings 31201234567, which is none of the promised destinations."
    )
    assert keys_of(body, OURS) == ["1"]


def test_a_secret_destination_is_not_decided():
    assert "a secret decides" in text_of(flow(ring(SECRET)), OURS, NotDecided)
    assert found(flow(ring(SECRET)), Every("transfer", (SECRET,))) == Holds()
    behind = flow(ask(), HANG_UP, *chosen(only("${pin}", ring("31201234567")), HANG_UP))
    assert "keys that are a secret" in text_of(behind, OURS, NotDecided)
    text_of(flow(FETCH), OURS, NotDecided)


@pytest.mark.parametrize(
    ("destination", "pattern", "expected"),
    [
        (DESK, DESK, Fit.YES),
        (f"+{DESK}", DESK, Fit.YES),
        (DESK, "4420*", Fit.YES),
        (DESK, "4420", Fit.NO),
        ("4420${x}", "4420*", Fit.UNKNOWN),
        ("4420${x}@evil.example.com", "4420*", Fit.NO),
        ("4420@evil.example.com", "4420*", Fit.NO),
        ("+4420\u0661", "4420*", Fit.NO),
        ("4420", "4420*", Fit.YES),
        ("${x}11", "${x}*", Fit.YES),
        ("${x}@evil.example.com", "${x}*", Fit.UNKNOWN),
        ("4420${x}", DESK, Fit.UNKNOWN),
        ("4420${x}", "31*", Fit.NO),
        (DESK, "${x}", Fit.UNKNOWN),
        (DESK, "31${x}", Fit.NO),
        ("client:ann", "client:*", Fit.YES),
        ("sip:ann@ours.example.com", "sip:ann*", Fit.YES),
    ],
)
def test_destinations_are_compared_as_they_are_shown(destination, pattern, expected):
    assert fit(destination, [pattern]) is expected


def test_options_are_the_inputs_that_a_question_tells_apart():
    body = flow(ask(), HANG_UP, *chosen(*(only(key, say(key)) for key in "123"), HANG_UP))
    assert found(body, AtMost(options=3)) == Holds()
    assert text_of(body, AtMost(options=2)) == (
        "The question of step 1 tells 3 inputs apart: 1, 2, 3; promised is at most 2."
    )
    assert keys_of(body, AtMost(options=2)) == ["1"], "the call answers the question"
    any_key = flow(say("Press any key.", jump=("chosen", "")), *chosen(HANG_UP))
    assert found(any_key, AtMost(options=1)) == Holds()
    text_of(flow(ask(), FETCH, *chosen(HANG_UP)), AtMost(options=5), NotDecided)


def test_menus_count_the_questions_in_a_row():
    one, two = ask("One.", goto="b"), {**ask("Two.", goto="a"), "id": "b"}
    around = flow({**one, "id": "a"}, HANG_UP, two, HANG_UP)
    assert found(around, AtMost(menus=2)) == Holds(), "going round is not deeper"
    assert text_of(around, AtMost(menus=0)) == (
        "Callers answer 1 question in a row to come to step 3 (say); promised is at most 0."
    )
    assert keys_of(around, AtMost(menus=0)) == ["1"]


def test_a_machine_answers_no_question():
    body = flow(say("Hello.", ifMachine="hangup"), HANG_UP)
    assert found(body, AtMost(menus=0)) == Holds()


@pytest.mark.parametrize("claim", [CanReach("transfer"), RECORDED, OURS, AtMost(menus=9)])
def test_a_space_that_was_cut_decides_nothing(claim):
    steps = [ask(f"Text {n}.", goto=f"a{n}") | {"id": f"a{n}"} for n in range(9)]
    space = space_of(flow(*steps, ring(DESK)), most=8)
    assert space.is_cut
    assert isinstance(decide(space, claim), NotDecided)


def test_a_silent_caller_needs_no_keys_to_be_decided():
    constants = [str(number) for number in range(150)]

    def listening(name, given=()):
        conditions = [{"variable": "a", "operator": "==", "value": one} for one in given]
        return say("Hello.") | {"onKeypressVar": name, "conditions": conditions, "maxNumKeys": 3}

    asked = [
        say("Yes.") | {"conditions": [{"variable": "b", "operator": "==", "value": one}]}
        for one in constants
    ]
    given = [listening("b", [one]) for one in constants]
    body = flow(listening("a"), listening("a"), *given, *asked, HANG_UP)
    space = Space([parse_program("main", body)])
    assert space.is_cut
    assert decide(space, SilentCaller(("hangup",), 60_000)) == Holds()
    assert isinstance(decide(space, SilentCaller(("hangup",), 1)), Broken)
    assert isinstance(decide(space, CanReach("hangup")), NotDecided)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**", ["menu", "sales/hunt", "support/a/b", "support/menu"]),
        ("*", ["menu"]),
        ("support/**", ["support/a/b", "support/menu"]),
        ("support/*", ["support/menu"]),
        ("**/menu", ["menu", "support/menu"]),
        ("s*/hunt", ["sales/hunt"]),
        ("support/menu", ["support/menu"]),
        ("support.menu", []),
    ],
)
def test_a_pattern_names_flows(pattern, names):
    promise = Promise("x", pattern, AtMost())
    assert promise.flows_among(["menu", "sales/hunt", "support/a/b", "support/menu"]) == names


def rung(transcript):
    return {event.text for event in transcript.events if event.kind is EventKind.DIAL}


@settings(max_examples=MANY)
@given(flows, scripts, outcomes, replies)
def test_no_simulated_call_breaks_what_holds(body, script, transfers, given_replies):
    transcript = call(body, *script, transfers=transfers, replies=given_replies)
    if found(body, Every("transfer", (NUMBERS[0],))) == Holds():
        assert rung(transcript) <= {NUMBERS[0]}
    if found(body, Before("transfer", ("a",))) == Holds() and rung(transcript):
        assert any("a" in text for text in heard(transcript))


@settings(max_examples=MANY)
@given(flows, outcomes)
def test_a_silent_caller_ends_as_it_was_found(body, transfers):
    transcript = call(body, transfers=transfers, replies={})
    end = transcript.ending.kind.value
    ends = {"transferred", "hangup", "end_of_flow", "max_duration", "fetched", "fetch_failed"}
    verdict = found(body, SilentCaller(tuple(sorted(ends - {end}))))
    assert not isinstance(verdict, Holds)


@settings(max_examples=MANY)
@given(flows)
def test_a_call_that_breaks_a_promise_shows_it(body):
    space = space_with_tries(body)
    claim = Every("transfer", (NUMBERS[0],))
    verdict = decide(space, claim)
    if isinstance(verdict, Broken):
        transcript = script_of_claim(space, claim, verdict.path).call(space.walks[0].program)
        assert rung(transcript) - {NUMBERS[0]}


def test_a_busy_number_leaves_a_silent_caller_more_time():
    """Rung for half a minute the call would be cut; told at once that it is busy, it goes on."""
    body = flow(ring(DESK), say("Goodbye."), maxDuration=20)
    assert "the end end_of_flow;" in text_of(
        body, SilentCaller(("transferred", "max_duration")), Broken
    )


@pytest.mark.parametrize(
    "one", [ask(goto=SECRET), ask() | {"endKey": SECRET}, step("record", finishOnKey=SECRET)]
)
def test_a_secret_that_steers_calls_decides_nothing(one):
    body = flow(one, HANG_UP, *chosen(ring(DESK), HANG_UP))
    assert isinstance(found(body, Every("transfer", (SALES,))), NotDecided)
