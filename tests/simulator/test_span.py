"""How long moves last: every simulated call lies between the least and the most of its path."""

from itertools import islice, pairwise

from drawn import flows, outcomes, replies, scripts
from hypothesis import given, settings
from simulated import call
from test_space import paths, space_of, with_time

from mbflow.flow.steps import parse_program
from mbflow.simulator.caller import Machine, Press
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import script_of
from mbflow.simulator.space import Space
from mbflow.simulator.span import span_of, usual_ms
from mbflow.simulator.transcript import EndKind


def lasts_as_said(space, transcript, root):
    """Whether a path of the space has the moves of the call, each as long as it may last."""
    own = [move for move in transcript.moves if move.flow == transcript.flow]
    ways = [(move.step, move.why, move.to) for move in own]
    lasted = [0, *(later.at - earlier.at for earlier, later in pairwise(own))]
    if own:
        lasted[0] = own[0].at
    (entry,) = space.entries
    here = {(root, len(entry))}
    while here:
        if any(at >= len(ways) for _, at in here):
            return True
        here = {
            (move.to, at + len(taken.ways))
            for number, at in here
            for move in space.moves(number)
            for taken in move.taken
            if list(taken.ways)[: len(ways) - at] == ways[at : at + len(taken.ways)]
            and (taken.ways or move.to != number)
            and fits(span_of(space, move), lasted[at])
        }
    return False


def fits(span, ms):
    return span.least <= ms and (span.most is None or ms <= span.most)


@settings(max_examples=300)
@given(flows, scripts, outcomes, replies)
def test_every_simulated_call_lasts_as_its_path_says(body, script, transfers, given_replies):
    machine = any(isinstance(act, Machine) for act in script)
    if machine:  # it presses no keys
        script = [act for act in script if not isinstance(act, Press)]
    space = space_of(body)
    root = space.roots[-1] if machine else space.roots[0]
    transcript = call(body, *script, transfers=transfers, replies=given_replies)
    assert lasts_as_said(space, transcript, root)


def with_room(body):
    """The same with recordings that are long enough for what is said into them."""
    for one in body["steps"]:
        if one["options"].get("maxLength") == 1:
            one["options"]["maxLength"] = 2
    return with_time(body)


@settings(max_examples=200)
@given(flows.map(with_room))
def test_the_usual_time_is_that_of_the_path_as_a_call(body):
    program = parse_program("main", {**body, "maxDuration": 0})
    space = Space([program])
    for path in islice(paths(space, 10), 40):
        ms = usual_ms(space, path)
        if ms is None or space.situation(path[0].origin if path else 0).is_machine:
            continue
        transcript = script_of(space, path, unanswered=Outcome.NO_ANSWER).call(program)
        ways = [*space.entries[0], *(way for move in path for way in move.taken[0].ways)]
        if ways and transcript.ending.kind is not EndKind.ENDLESS:
            assert transcript.moves[len(ways) - 1].at == ms
