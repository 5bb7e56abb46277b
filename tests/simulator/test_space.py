"""The space of all calls: it holds what the simulator does, no less and no more."""

from itertools import islice

from drawn import flows, outcomes, replies, scripts
from hypothesis import given, settings
from simulated import call
from strategies import MANY

from mbflow.flow.steps import parse_program
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.caller import Machine, Press
from mbflow.simulator.script import script_of
from mbflow.simulator.space import Space
from mbflow.simulator.transcript import EndKind


def space_of(*bodies, **bounds):
    return Space([parse_program("main", body) for body in bodies], **bounds)


def ways_of(transcript):
    return [
        (move.step, move.why, move.to) for move in transcript.moves if move.flow == transcript.flow
    ]


def holds(space, transcript, root, fits=lambda move, at: True):
    """Whether some path of the space begins with the moves of the call, where each of them fits."""
    ways = ways_of(transcript)
    (entry,) = space.entries
    if ways[: len(entry)] != list(entry)[: len(ways)]:
        return False
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
            and fits(move, at)
        }
    return False


def space_and_call(body, script, transfers, given_replies):
    """The space of a flow, a call to it, and the root where that call begins."""
    machine = any(isinstance(act, Machine) for act in script)
    if machine:  # it presses no keys
        script = [act for act in script if not isinstance(act, Press)]
    space = space_of(body)
    transcript = call(body, *script, transfers=transfers, replies=given_replies)
    return space, transcript, space.roots[-1 if machine else 0]


@settings(max_examples=MANY)
@given(flows, scripts, outcomes, replies)
def test_every_simulated_call_is_in_the_space(body, script, transfers, given_replies):
    assert holds(*space_and_call(body, script, transfers, given_replies))


def paths(space, longest):
    """Every way through the space, up to so many moves; a loop of keys is gone through once."""
    waiting = [([], root, frozenset()) for root in space.roots]
    while waiting:
        path, number, seen = waiting.pop()
        moves = [move for move in space.moves(number) if (move.origin, move.choice) not in seen]
        if not moves or len(path) == longest:
            yield path
        for move in moves:
            waiting.append(([*path, move], move.to, seen | {(move.origin, move.choice)}))


def with_time(body):
    """The same with a moment for keys in every step, and for the call to come to its end.

    No script can let an instant go by, and a call that is cut is the beginning of one in the space.
    """
    for one in body["steps"]:
        options = one["options"]
        options |= {"payload": options["payload"] or "a"} if "payload" in options else {}
        options |= {"length": options["length"] or 1} if "length" in options else {}
    return body | {"maxDuration": 0}


@settings(max_examples=MANY)
@given(flows.map(with_time))
def test_every_path_is_a_simulated_call(body):
    program = parse_program("main", body)
    space = Space([program])
    for path in islice(paths(space, 12), 60):
        transcript = script_of(space, path).call(program)
        wanted = [*space.entries[0], *(way for move in path for way in move.taken[0].ways)]
        made = ways_of(transcript)
        if transcript.ending.kind is EndKind.FETCHED:
            made.append((path[-1].taken[0].step, Reason.FETCHED, -2))
        assert made[: len(wanted)] == [tuple(way) for way in wanted]
