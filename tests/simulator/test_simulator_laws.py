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


@given(flows, scripts, outcomes, replies, st.integers(0, 60_000))
def test_the_state_at_a_time_is_what_had_happened_by_then(body, script, transfers, known, moment):
    transcript = call(body, *script, transfers=transfers, replies=known)
    state = transcript.state_at(moment)
    assert list(state.events) == [event for event in transcript.events if event.at <= moment]
    assert state.over == (not transcript.is_open and transcript.ending.at <= moment)
    final = transcript.state_at(transcript.ending.at)
    assert final.variables == transcript.variables
    if final.over:
        assert (final.step, final.recording, final.connected_to) == (-1, (), "")


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


def test_the_state_of_a_call_while_it_runs():
    body = flow(
        say("For sales, press 1.", jump=("sales", "choice")),
        step("record", timeout=5),
        step("hangup"),
        step("transfer", id="sales", destination=SALES, record="both"),
        record=True,
    )
    transcript = call(body, Press("1"))
    asked, talking = transcript.state_at(500), transcript.state_at(10_000)
    assert (asked.step, asked.variables, asked.recording) == (0, {}, ("call",))
    assert (talking.step, talking.variables) == (3, {"choice": "1"})
    assert talking.connected_to == SALES
    assert talking.recording == ("call", "transfer in", "transfer out")
    assert transcript.state_at(1_400).connected_to == ""
    after = transcript.state_at(10**6)
    assert (after.over, after.step, after.connected_to, after.recording) == (True, -1, "", ())


def test_the_state_while_a_fetched_flow_runs():
    first = flow(step("fetchCallFlow", url="https://x.example/2"))
    second = flow(step("pause", length=3), step("fetchCallFlow", url="https://x.example/3"))
    transcript = call(first, replies={"https://x.example/2": second})
    place = [(transcript.state_at(at).flow, transcript.state_at(at).step) for at in (0, 600, 9000)]
    assert place == [("main", 0), ("https://x.example/2", 0), ("https://x.example/2", 1)]


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
