"""Hypothesis strategies: flows with sense and without, scripts, and answers from outside."""

from hypothesis import strategies as st
from simulated import flow, say, step

from mbflow.flow.vocabulary import ACTIONS
from mbflow.simulator.caller import HangUp, Machine, Press, Speak, Wait

IDS = ["a", "b", "c", "d"]
NUMBERS = ["31201234567", "31207654321"]
OFTEN = ["say", "pause"]
URLS = ["https://x.example/1", "https://x.example/2"]

goto = st.sampled_from([None, *IDS, "gone"])
variable = st.sampled_from([None, "x", "y"])
condition = st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["", "1", "2", "12"]))
seconds = st.integers(0, 12)
machine = st.sampled_from([{}, {"ifMachine": "hangup"}, {"ifMachine": "continue"}])


def options_of(action):
    drawn = {
        "say": st.fixed_dictionaries(
            {"payload": st.text("ab ", max_size=40), "repeat": st.integers(0, 3)},
            optional={"loop": st.booleans()},
        ),
        "play": st.fixed_dictionaries({"media": st.lists(st.sampled_from(URLS), max_size=2)}),
        "pause": st.fixed_dictionaries({"length": seconds}),
        "record": st.fixed_dictionaries(
            {"maxLength": seconds, "timeout": seconds},
            optional={
                "finishOnKey": st.sampled_from(["any", "#", "none"]),
                "onFinish": st.sampled_from(URLS),
            },
        ),
        "transfer": st.fixed_dictionaries(
            {"destination": st.sampled_from(NUMBERS)},
            optional={"record": st.sampled_from(["in", "both"])},
        ),
        "sendKeys": st.fixed_dictionaries({"keys": st.text("12#", max_size=3)}),
        "fetchCallFlow": st.fixed_dictionaries({"url": st.sampled_from(URLS)}),
    }
    return drawn.get(action, st.just({}))


@st.composite
def steps(draw):
    action = draw(st.sampled_from([*ACTIONS, *OFTEN, "odd"]))
    options = draw(options_of(action))
    if action in ("say", "transfer"):
        options = options | draw(machine)
    jump = (draw(goto), draw(variable)) if draw(st.booleans()) else None
    conditions = draw(st.lists(condition, max_size=2)) if draw(st.booleans()) else None
    made = step(action, id=draw(st.sampled_from([None, *IDS])), jump=jump, conditions=conditions)
    keys = {"maxNumKeys": draw(st.integers(0, 3))} if draw(st.booleans()) else {}
    end = {"endKey": "#"} if draw(st.booleans()) else {}
    return made | {"options": options} | keys | end


flows = st.builds(
    lambda made, record, longest: flow(*made, record=record, maxDuration=longest),
    st.lists(steps(), max_size=8),
    st.booleans(),
    st.sampled_from([0, 0, 20, 200]),
)
times = st.one_of(st.none(), st.integers(0, 40_000))
presses = st.builds(Press, st.text("12#*", min_size=1, max_size=4), times)
acts = st.one_of(
    presses,
    presses,
    st.builds(Speak, st.text("ab ", max_size=40)),
    st.builds(Wait, st.integers(0, 9000)),
    st.builds(HangUp, times),
    st.just(Machine()),
)
scripts = st.lists(acts, max_size=6).map(tuple)
outcomes = st.dictionaries(
    st.sampled_from(NUMBERS),
    st.sampled_from(["answered", "busy", "no_answer", "failed", "machine"]),
)
replies = st.dictionaries(
    st.sampled_from(URLS),
    st.one_of(st.none(), st.lists(steps(), max_size=3).map(lambda s: flow(*s))),
)
greeting = say("Hello.")
