"""What rules say of a flow holds for every simulated call."""

from itertools import pairwise

from drawn import flows, outcomes, replies, scripts
from hypothesis import given, settings
from simulated import call
from strategies import MANY

from mbflow.flow.control_flow import listens
from mbflow.flow.steps import END_OF_FLOW, parse_program
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.rules import RULES, unannounced_recording
from mbflow.simulator.caller import Machine, Press
from mbflow.simulator.transcript import EndKind


def with_notices(body):
    """The same with notices of a recording among the texts."""
    for step in body["steps"]:
        options = step["options"]
        if options.get("payload", "").startswith("a"):
            options["payload"] = "Recorded."
    return body


@settings(max_examples=MANY)
@given(flows.map(with_notices), scripts, outcomes, replies)
def test_what_rules_say_holds_for_every_call(body, script, transfers, given_replies):
    if any(isinstance(act, Machine) for act in script):  # it presses no keys
        script = [act for act in script if not isinstance(act, Press)]
    flow = Flow("main", "main.yaml", body, body)
    if not body["steps"]:
        return
    said = {rule: set(_steps(rule, flow)) for rule in SAYING}
    transcript = call(body, *script, transfers=transfers, replies=given_replies)
    moves = [move for move in transcript.moves if move.flow == "main"]
    ran = [move.step for move in moves if move.why is not Reason.SKIPPED]
    ran += [one.step for one in transcript.events if one.flow == "main" and one.step >= 0]
    never = said["unreachable-step"] | said["step-after-fetch"] | said["impossible-condition"]
    assert not never & {*ran}
    assert transcript.ending.kind not in ENDS_WELL or not said["endless-loop"] & {*ran}
    steps = parse_program("main", body).steps
    if not said["no-ending"]:
        past = [move for move in moves if move.to == END_OF_FLOW]
        assert all(move.why in (Reason.UNANSWERED, Reason.UNFETCHED) for move in past)
    _assert_told(steps, moves, ran, said["unannounced-recording"])
    _assert_time(steps, moves, said["no-time-to-answer"])


SAYING = ("unreachable-step", "step-after-fetch", "impossible-condition", "endless-loop")
SAYING += ("no-ending", "unannounced-recording", "no-time-to-answer")
ENDS_WELL = {EndKind.HANGUP, EndKind.END_OF_FLOW, EndKind.TRANSFERRED}


def _steps(rule, flow):
    """The steps of which the rule says something, whoever calls."""
    for finding in RULES[rule].check(flow):
        if finding.path[:1] == ("steps",) and "forever for a caller" not in finding.message:
            yield finding.path[1]


def _assert_told(steps, moves, ran, untold):
    """A recording about which the rule is silent is announced before in every call."""
    order = [move.step for move in moves if move.why is not Reason.SKIPPED]
    if ran and ran[-1] not in order[-1:]:
        order.append(ran[-1])
    told = False
    for position in order:
        step = steps[position]
        if unannounced_recording._records(step) and position not in untold:
            assert told
        told = told or unannounced_recording._tells(step)


def _assert_time(steps, moves, short):
    """After a menu about which the rule is silent comes a step that asks for the same keys."""
    run = [move for move in moves if move.why is not Reason.SKIPPED]
    run = [move for move in run if steps[move.step].action != "pause" or _lasts(steps[move.step])]
    for move, after in pairwise(run):
        step, below = steps[move.step], steps[after.step]
        asks = step.action == "say" and listens(step) and step.jump != move.step + 1
        if asks and move.why is Reason.NEXT and move.step not in short:
            assert listens(below) and (below.goto, below.variable) == (step.goto, step.variable)


def _lasts(step):
    return listens(step) or step.number("length") > 0
