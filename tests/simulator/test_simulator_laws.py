"""Laws of the simulator: a function of its arguments, stable in time, and true to the graph."""

from drawn import flows, outcomes, replies, scripts
from hypothesis import given
from hypothesis import strategies as st
from simulated import call, flow, say, step, told

from mbflow.flow.control_flow import Way, ways
from mbflow.flow.steps import parse_program
from mbflow.simulator.caller import HangUp, Press, Speak
from mbflow.simulator.simulate import simulate
from mbflow.simulator.transcript import EndKind, EventKind

SALES = "31201234567"


@given(flows, scripts, outcomes, replies)
def test_the_same_call_has_the_same_transcript(body, script, transfers, known):
    first, second = (call(body, *script, transfers=transfers, replies=known) for _ in range(2))
    assert first == second


@given(flows, scripts, outcomes, replies)
def test_time_never_runs_backwards(body, script, transfers, known):
    transcript = call(body, *script, transfers=transfers, replies=known)
    times = [event.at for event in transcript.events]
    assert times == sorted(times)
    assert [move.at for move in transcript.moves] == sorted(move.at for move in transcript.moves)
    assert transcript.ending.at >= max(times, default=0)


def timed(script):
    """The acts that have a time of their own, in order of it."""
    acts = [act for act in script if getattr(act, "at", None) is not None]
    return sorted(acts, key=lambda act: act.at)


@given(flows, scripts, outcomes, replies, st.integers(0, 60_000))
def test_what_was_before_does_not_depend_on_what_follows(body, script, transfers, known, moment):
    acts = timed(script)
    past = [act for act in acts if act.at < moment]
    outside = {"transfers": transfers, "replies": known}
    whole, so_far = call(body, *acts, **outside), call(body, *past, **outside)
    assert before(whole, moment) == before(so_far, moment)


def before(transcript, moment):
    events = [event for event in transcript.events if event.at < moment]
    return events, [move for move in transcript.moves if move.at < moment]


@given(flows, scripts, outcomes, replies, st.integers(0, 60_000))
def test_an_unknown_reply_changes_nothing_that_came_before_it(
    body, script, transfers, known, moment
):
    """The emulator asks again and again while a web server has not answered yet."""
    waiting = call(body, *script, transfers=transfers)
    answered = call(body, *script, transfers=transfers, replies=known)
    fetches = [event.at for event in waiting.events if event.kind is EventKind.FETCH]
    moment = min([moment, *fetches])
    assert before(waiting, moment) == before(answered, moment)


@given(flows, scripts, outcomes, replies)
def test_every_step_and_edge_that_a_call_takes_is_in_the_graph(body, script, transfers, known):
    transcript = call(body, *script, transfers=transfers, replies=known)
    bodies = {"main": body, **{url: given for url, given in known.items() if given is not None}}
    edges = {name: set(ways(parse_program(name, given))) for name, given in bodies.items()}
    for move in transcript.moves:
        assert Way(move.step, move.why, move.to) in edges[move.flow]


@given(flows, scripts)
def test_asking_stops_where_a_key_would_count(body, script):
    """Whatever is asked for can be given: a key there is taken, not lost."""
    asked = call(body, *script, interactive=True)
    if asked.ending.kind is EndKind.QUESTION and asked.question.keys:
        given = call(body, *script, Press("1", at=asked.question.start))
        assert before(given, asked.question.start) == before(asked, asked.question.start)
        keys = [event for event in given.events if event.kind is EventKind.KEY]
        assert keys[-1].detail != "unheard"


def test_an_interactive_call_stops_at_each_question():
    body = flow(say("Name?", jump=(None, "x")), step("record", timeout=5), say("Thanks."))
    program = parse_program("main", body)
    first = simulate(program, interactive=True)
    assert (first.ending.kind, first.question.start, first.question.end) == ("question", 0, 400)
    second = simulate(program, [Press("1")], interactive=True)
    assert second.question.speech and second.question.start == 400
    third = simulate(program, [Press("1"), Speak("Me."), HangUp()], interactive=True)
    assert third.ending.kind == "caller"
    assert told(third, "recorded") == [(0.6, "recorded", "Me.", "ivr")]
