"""What the rules say that know which calls come to a step, with which values."""

import json

import pytest

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules import RULES
from mbflow.rules.space import space_of

ASKS = {"onKeypressGoto": "menu", "onKeypressVar": "key"}
HANGUP = {"action": "hangup"}
RECORD = {"action": "record", "options": {"maxLength": 60}}


def say(text="Hello.", **fields):
    return {"action": "say", "options": {"payload": text}} | fields


def pause(length=5, **fields):
    return {"action": "pause", "options": {"length": length}} | fields


def only_if(value, variable="key"):
    return {"conditions": [{"variable": variable, "operator": "==", "value": value}]}


def transfer(number="447700900123", **fields):
    return {"action": "transfer", "options": {"destination": number}} | fields


def found(rule, *steps, **top):
    """`(step, message)` of what a rule finds."""
    body = {"title": "Flow", **top, "steps": list(steps)}
    flow = Flow("flow", "flow.yaml", body, body)
    return [(one.path[1] if one.path[1:] else -1, one.message) for one in RULES[rule].check(flow)]


MENU = (say("Press 1 or 2.", **ASKS), pause(**ASKS), HANGUP)
BILINGUAL = (
    *MENU,
    say("Dit gesprek wordt opgenomen.", id="menu", **only_if("1")),
    say("This call is recorded.", **only_if("2")),
)


def test_a_notice_and_a_recording_under_equal_conditions():
    dutch, english = RECORD | only_if("1"), RECORD | only_if("2")
    assert found("unannounced-recording", *BILINGUAL, dutch, english, HANGUP) == []
    assert found("unannounced-recording", *BILINGUAL, dutch, RECORD | only_if("3"), HANGUP) == [
        (
            6,
            "A caller who presses 3 reaches this recording without being told about it. "
            "Say so before.",
        )
    ]


def test_a_recorded_transfer_under_a_condition():
    rings = transfer(**only_if("2"))
    rings["options"] |= {"record": "both"}
    assert found("unannounced-recording", *BILINGUAL, rings, HANGUP) == []
    rings |= only_if("9")
    ((step, message),) = found("unannounced-recording", *BILINGUAL, rings, HANGUP)
    assert step == 5
    assert message.startswith("A caller who presses 9 reaches the recording of this transfer")


def test_the_first_text_of_a_recorded_call():
    texts = [pause(**ASKS), say("Recorded.", id="menu", **only_if("1"))]
    other = say("This is recorded.", **only_if("2"))
    rest = say("Your message is recorded.")
    assert found("unannounced-recording", *texts, other, rest, HANGUP, record=True) == []
    assert found("unannounced-recording", *texts, say("Hi.", **only_if("")), HANGUP, record=True)


ENGLISH, FRENCH = only_if("1", "lang"), only_if("2", "lang")
LANGUAGES = {"onKeypressGoto": "start", "onKeypressVar": "lang"}
FIRST = (say("1 or 2?", **LANGUAGES), pause(**LANGUAGES), HANGUP)


def test_a_pause_that_belongs_to_the_other_menu():
    menus = [say("Press 1.", id="start", **ASKS, **ENGLISH), say("Le 1.", **ASKS, **FRENCH)]
    rest = [HANGUP, say("One.", id="menu", **only_if("1")), HANGUP]
    both = [*FIRST, *menus, pause(**ASKS, **ENGLISH), pause(**ASKS, **FRENCH), *rest]
    assert found("no-time-to-answer", *both) == []
    assert found("no-time-to-answer", *FIRST, *menus, pause(**ASKS, **FRENCH), *rest) == [
        (
            3,
            "Keys count only while this step runs. Put a pause below it, with the same "
            "onKeypressGoto and onKeypressVar.",
        )
    ]
    for_all = say("Press 1 / le 1.", id="start", **ASKS)
    assert found("no-time-to-answer", *FIRST, for_all, pause(**ASKS, **FRENCH), *rest) == [
        (
            3,
            "Keys count only while this step runs: no pause follows for a caller who presses 1. "
            "Put a pause below it, with the same onKeypressGoto and onKeypressVar.",
        )
    ]


def test_menus_that_lead_to_different_steps():
    dutch, french = {"onKeypressGoto": "nl"}, {"onKeypressGoto": "fr"}
    steps = [
        *FIRST,
        say("Druk 1.", id="start", **dutch, **ENGLISH),
        say("Le 1.", **french, **FRENCH),
        pause(**dutch, **ENGLISH),
        pause(**french, **FRENCH),
        HANGUP,
        transfer(id="nl"),
        HANGUP,
        transfer(id="fr"),
        HANGUP,
    ]
    assert found("no-time-to-answer", *steps) == []


def test_a_step_below_a_hangup_that_nobody_passes():
    always = HANGUP | only_if("", "lang")
    assert found("unreachable-step", say(), always, say(), say(onKeypressVar="lang")) == [
        (
            2,
            "No call reaches this say step: step 2 above it (hangup) never leads on. "
            "Remove it, or let a key lead to it.",
        )
    ]
    fetch = {"action": "fetchCallFlow", "options": {"url": "https://x.example"}}
    steps = [say(), fetch | only_if("", "lang"), say(), say(onKeypressVar="lang")]
    assert found("unreachable-step", *steps) == []
    assert [step for step, _ in found("step-after-fetch", *steps)] == [2]


def test_a_recording_that_ends_with_every_key_leads_nowhere():
    options = {"finishOnKey": "any", "maxLength": 9}
    asks = {"action": "record", "options": options, "onKeypressGoto": "menu"}
    assert [step for step, _ in found("unreachable-step", asks, HANGUP, say(id="menu"))] == [2]
    asks["options"] = {"finishOnKey": "#", "maxLength": 9}
    assert found("unreachable-step", asks, HANGUP, say(id="menu")) == []


def test_a_value_that_can_never_be_there():
    ends = [*MENU, transfer(id="menu", **only_if("1")), HANGUP | only_if("1")]
    assert found("impossible-condition", *ends, say("One.", **only_if("1")), HANGUP) == [
        (
            5,
            'No call comes to this step with "1" in "key", so it is always skipped. '
            "Remove the step, or lead those callers to it.",
        )
    ]
    assert found("impossible-condition", *ends, say("Two.", **only_if("2")), HANGUP) == []
    ((step, message),) = found("impossible-condition", *ends, say(**only_if("")), HANGUP)
    assert step == 5 and message.startswith('No call comes to this step with "key" unset, so')


def test_a_text_that_repeats_for_some_callers():
    hold = say("Hold.", id="hold", onKeypressGoto="out", onKeypressVar="other")
    hold["options"]["loop"] = True
    out = HANGUP | {"id": "out"} | only_if("1")
    loop = say("Wait.")
    loop["options"] |= {"loop": True}
    steps = [*MENU, hold | {"id": "menu"}, out, loop | only_if("2"), HANGUP]
    assert found("endless-loop", *steps) == [
        (
            5,
            "This text repeats forever for a caller who presses 2, then 1. "
            "Use repeat, or let a key lead on (onKeypressGoto).",
        )
    ]


def test_running_into_a_branch_past_a_condition():
    menu = [say(**ASKS), pause(**ASKS)]
    desk = transfer(id="menu")
    assert found("fall-through", *menu, HANGUP | only_if("9"), desk, HANGUP) == [
        (
            3,
            'Callers who press nothing run into "menu" from the step above it. '
            "Put a hangup between the two.",
        )
    ]
    assert found("fall-through", *menu, HANGUP | only_if(""), desk, HANGUP) == []
    for_them = say("Nothing was pressed.", id="menu", **only_if(""))
    assert found("fall-through", *menu, say("Well."), for_them, HANGUP) == []
    passed = say("One.", id="menu", **only_if("1"))
    assert found("fall-through", *menu, say("Well."), passed, HANGUP) == []


def test_running_past_the_last_step():
    assert found("no-ending", *MENU, say("Bye.", id="menu"), HANGUP | only_if("1")) == [
        (4, "A caller who presses 2 runs past this last step. Put a hangup below it.")
    ]
    ((_, message),) = found(
        "no-ending", transfer(), say(onKeypressVar="key"), HANGUP | only_if("1")
    )
    assert message.startswith(
        "A caller who presses no key (447700900123 does not answer) runs past"
    )
    every = [HANGUP | only_if("1") | {"id": "menu"}, HANGUP | only_if("")]
    assert found("no-ending", say(), HANGUP | only_if("", "never"), say(**ASKS), *every) == []


@pytest.mark.parametrize("value", ["${code}", "1"])
def test_references_raise_no_alarm(value):
    """With `1` in both, the last step is never run."""
    ends = [*MENU, HANGUP | only_if("1") | {"id": "menu"}]
    told = found("impossible-condition", *ends, say(**only_if(value)), HANGUP)
    assert bool(told) == (value == "1")
    one = {"conditions": [*only_if("1")["conditions"], *only_if(value)["conditions"]]}
    assert found("impossible-condition", *MENU, say(id="menu", **one), HANGUP) == []
    short = pause("${seconds}", **ASKS)
    steps = [say(**ASKS), short, HANGUP | only_if(""), say(id="menu"), HANGUP]
    assert found("unreachable-step", *steps) == []


def test_no_space_holds_a_secret():
    secret = only_if("4711-secret")
    raw = {"steps": [*MENU, RECORD | secret, HANGUP]}
    safe = json.loads(json.dumps(raw).replace("4711-secret", "${pin}"))
    space = space_of(facts_of(Flow("flow", "flow.yaml", raw, safe)))
    assert space is not None
    moves = [space.situation(number) for number in range(len(space))], list(space.every_move())
    assert "${pin}" in repr(moves)
    assert "4711" not in repr(moves) + repr(space.walks[0].program)


def test_where_the_space_is_cut_the_plain_graph_answers():
    asks = [say(id=f"s{i}", onKeypressVar=f"v{i}", onKeypressGoto=f"s{i + 1}") for i in range(9)]
    reads = [say(**only_if(c, f"v{i}")) for i in range(9) for c in "12345"]
    steps = [*asks, say("Recorded.", id="s9", **only_if("1", "v0")), *reads]
    steps += [RECORD | only_if("1", "v0"), HANGUP]
    body = {"title": "Flow", "steps": steps}
    flow = Flow("flow", "flow.yaml", body, body)
    assert space_of(facts_of(flow)) is None
    ((message, _, _),) = RULES["unannounced-recording"].check(flow)
    assert message.startswith("Callers can reach this recording")
    assert list(RULES["impossible-condition"].check(flow)) == []
