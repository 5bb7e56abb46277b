"""Two flows walked in step: no difference is missed, and every one that is told can be heard."""

import copy

from drawn import flows, outcomes, scripts, steps
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mutants import audible
from simulated import call
from strategies import MANY
from test_space import with_time

from mbflow.flow.steps import parse_program
from mbflow.simulator.caller import Machine, Press
from mbflow.simulator.compare import Comparison


def compared(live, desired, **bounds):
    programs = [parse_program("main", body) for body in (live, desired)]
    return Comparison(*programs, **bounds)


@st.composite
def edited(draw):
    """A flow, and the same with a few edits."""
    body = draw(flows)
    other = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 2))):
        made = other["steps"]
        place = draw(st.integers(0, len(made)))
        what = draw(st.sampled_from(["insert", "remove", "swap", "take", "field"]))
        if what == "insert":
            made.insert(place, draw(steps()))
        elif made and place < len(made):
            if what == "remove":
                del made[place]
            elif what == "swap":
                made[place], made[-1] = made[-1], made[place]
            elif what == "take":
                made[place] = draw(steps())
            else:
                drawn = draw(steps())
                key = draw(
                    st.sampled_from(
                        ["conditions", "onKeypressGoto", "onKeypressVar", "id", "endKey"]
                    )
                )
                made[place].pop(key, None)
                made[place] |= {key: drawn[key]} if key in drawn else {}
    return body, other


@settings(max_examples=MANY)
@given(edited(), scripts, outcomes)
def test_no_difference_is_missed(bodies, script, transfers):
    if any(isinstance(act, Machine) for act in script):
        script = [act for act in script if not isinstance(act, Press)]
    comparison = compared(*bodies)
    assume(not any(kind.is_changed for kind in comparison.kinds))
    before, after = (audible(body, call(body, *script, transfers=transfers)) for body in bodies)
    assert before == after


@settings(max_examples=MANY)
@given(edited())
def test_every_change_can_be_heard(bodies):
    bodies = [with_time(body) for body in bodies]
    comparison = compared(*bodies)
    for kind in comparison.shortest(12):
        script = comparison.script(kind)
        before, after = (
            audible(body, script.call(program))
            for body, program in zip(bodies, comparison.programs, strict=True)
        )
        assert before != after
