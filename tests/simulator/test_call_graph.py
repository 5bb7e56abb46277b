"""The graph that the page draws: menus as menus, and every call on it."""

from pathlib import Path

from drawn import flows, outcomes, scripts
from hypothesis import given
from simulated import call, flow, say, step

from mbflow.flow.steps import END_OF_FLOW, OVER, parse_program
from mbflow.flow.vocabulary import Reason
from mbflow.testing.call_graph import call_graph, hops_of
from mbflow.testing.flows import called_flows

HOME = Path(__file__).parent.parent.parent


def graph(*steps):
    return call_graph(parse_program("main", flow(*steps)))


def told(graph):
    """`s0 -1-> s2`, a line for each edge."""
    return [f"{edge.start} -{edge.label}-> {edge.end}" for edge in graph.edges]


def chosen(value):
    return [("choice", value)]


MENU = [
    say("Press 1 or 2.", jump=("chosen", "choice")),
    step("pause", length=5, jump=("chosen", "choice")),
    step("hangup"),
    step("transfer", destination="31201234567", id="chosen", conditions=chosen("1")),
    step("hangup", conditions=chosen("1")),
    step("record", maxLength=60, conditions=chosen("2")),
    step("hangup", conditions=chosen("2")),
    say("Try again."),
]


def test_conditions_are_folded_into_the_keys_that_lead_there():
    found = graph(*MENU)
    assert found.is_folded
    assert [(node.id, node.kind.value, node.steps) for node in found.nodes if node.steps] == [
        ("s0", "menu", (0, 1)),
        ("s2", "hangup", (2,)),
        ("s3", "transfer", (3,)),
        ("s4", "hangup", (4,)),
        ("s5", "record", (5,)),
        ("s6", "hangup", (6,)),
        ("s7", "step", (7,)),
    ]
    assert told(found) == [
        "start --> s0",
        "s0 -1-> s3",
        "s0 -2-> s5",
        "s0 -another key-> s7",
        "s0 -nobody presses-> s2",
        "s3 -answered-> s3-talk with 31201234567",
        "s3 -not answered-> s4",
        "s5 --> s6",
        "s7 --> s7-end of the flow",
    ]


def test_keys_are_named_as_the_caller_would():
    every = [say("Press.", jump=("on", "")), say("x"), say("y", id="on")]
    assert "s0 -any key-> s2" in told(graph(*every))
    digits = say("Digits.", jump=("on", "x")) | {"maxNumKeys": 6, "endKey": "#"}
    assert "s0 -any keys-> s1" in told(graph(digits, say("y", id="on")))
    pin = [say("Yes.", id="on", conditions=[("x", "1234")]), say("No.")]
    assert {"s0 -1234-> s1", "s0 -other keys-> s2"} <= set(told(graph(digits, *pin)))
    two = [say("Same.", id="on", conditions=chosen("1")), say("Same."), step("hangup")]
    assert "s0 -1-> s1" in told(graph(say("Press.", jump=("on", "choice")), *two))


def test_what_was_entered_before_is_told_where_it_decides():
    found = graph(
        say("Press.", jump=("on", "choice")),
        step("hangup"),
        say("Thank you.", id="on"),
        say("One.", conditions=chosen("1")),
        say("All."),
    )
    assert {"s2 -if choice is 1-> s3", "s2 -else-> s4"} <= set(told(found))


def test_a_menu_that_repeats_itself_leads_back_to_itself():
    again = [
        say("Press.", id="menu", jump=("menu", "")),
        step("pause", length=3, jump=("menu", "")),
    ]
    assert "s0 -any key-> s0" in told(graph(*again))


def test_where_calls_are_not_decided_boxes_say_if():
    lost = [step("hangup"), say("Never."), say("Never either.")]
    found = graph(say("x", loop="${times}"), say("One.", conditions=chosen("1")), *lost)
    assert not found.is_folded
    assert found.reached == {0, 1, 2}
    assert told(found) == ["start --> s0", "s0 --> s1", "s1 --> s2"]


def test_a_flow_without_steps_has_only_a_beginning():
    assert [node.id for node in graph().nodes] == ["start"]
    assert graph().edges == ()


@given(flows, scripts, outcomes)
def test_every_call_goes_along_the_graph(body, script, answers):
    transcript = call(body, *script, transfers=answers)
    found = call_graph(parse_program("main", body))
    known = {way for edge in found.edges for way in edge.hops}
    owner = {step: node.id for node in found.nodes for step in node.steps}
    for _, way in hops_of(transcript, "main"):
        is_within = owner.get(way.step) == owner.get(way.to) and way.why is Reason.NEXT
        assert way in known or is_within or way.to == OVER, (way, told(found))
    assert {event.step for event in transcript.events if event.step >= 0} <= found.reached


def test_every_edge_of_the_worked_example_is_gone_by_some_way():
    for program in called_flows(HOME, None, environ={}).choose():
        found = call_graph(program)
        ids = {node.id for node in found.nodes}
        assert found.is_folded
        assert found.reached == set(range(len(program.steps)))
        assert {edge.start for edge in found.edges} | {edge.end for edge in found.edges} == ids
        assert all(edge.hops for edge in found.edges if edge.start != "start")
        assert END_OF_FLOW not in found.reached
