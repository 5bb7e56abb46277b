"""How long moves last: every simulated call lies between the least and the most of its path."""

from itertools import islice, pairwise

from drawn import flows, outcomes, replies, scripts
from hypothesis import given, settings
from strategies import MANY
from test_space import holds, paths, space_and_call, with_time

from mbflow.flow.steps import parse_program
from mbflow.simulator.move_duration import duration_of, usual_ms
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import script_of
from mbflow.simulator.space import Space
from mbflow.simulator.transcript import EndKind


def lasts_as_said(space, transcript, root):
    """Whether a path of the space has the moves of the call, each as long as it may last."""
    own = [move for move in transcript.moves if move.flow == transcript.flow]
    lasted = [later - earlier for earlier, later in pairwise([0, *(move.at for move in own)])]
    return holds(
        space, transcript, root, lambda move, at: fits(duration_of(space, move), lasted[at])
    )


def fits(lasts, ms):
    return lasts.least <= ms and (lasts.most is None or ms <= lasts.most)


@settings(max_examples=MANY)
@given(flows, scripts, outcomes, replies)
def test_every_simulated_call_lasts_as_its_path_says(body, script, transfers, given_replies):
    assert lasts_as_said(*space_and_call(body, script, transfers, given_replies))


def with_room(body):
    """The same with recordings that are long enough for what is said into them."""
    for one in body["steps"]:
        if one["options"].get("maxLength") == 1:
            one["options"]["maxLength"] = 2
    return with_time(body)


@settings(max_examples=MANY)
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
