"""What people read about a difference, sentence by sentence."""

import pytest
from builders import edits_of, flow, hangup, pause, play, say, transfer, when
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed, strange_flows

from mbflow.flow.canonical import Form, is_alike
from mbflow.model.text import printable

GREETING = say("Welcome to Acme.")
LONG = "Welcome to Acme, the home of anvils, rockets and giant rubber bands. "

neighbours = bodies().flatmap(lambda body: st.tuples(st.just(body), changed(body)))
twins = bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body)))
strangers = st.tuples(bodies(), bodies())
anything = st.tuples(strange_flows, strange_flows)


def sentences(live, desired):
    return [edit.text for edit in edits_of(live, desired)]


@given(st.one_of(twins, neighbours, strangers, anything))
def test_there_are_edits_exactly_where_the_forms_differ(pair):
    live, desired = pair
    assert bool(edits_of(live, desired)) != is_alike(Form(desired), Form(live))


@given(st.one_of(neighbours, strangers, anything))
def test_every_edit_has_a_sentence_of_one_harmless_line(pair):
    for text in sentences(*pair):
        assert printable(text) == text


@given(st.one_of(neighbours, strangers))
def test_every_edit_says_where_it_is(pair):
    live, desired = pair
    for edit in edits_of(live, desired):
        if edit.path.startswith("steps["):
            flow, index = (live, edit.live) if edit.kind == "remove" else (desired, edit.desired)
            assert edit.path.startswith(f"steps[{index}]")
            assert index < len(flow["steps"])
        else:
            assert edit.live is edit.desired is None


@pytest.mark.parametrize(
    ("live", "desired", "expected"),
    [
        pytest.param(
            flow(GREETING),
            flow(say("Welcome to Acme!")),
            ['step 1 say: payload "Welcome to Acme." -> "Welcome to Acme!"'],
            id="a short text",
        ),
        pytest.param(
            flow(say(LONG + "Press 1.")),
            flow(say(LONG + "Press 2.")),
            ["step 1 say: payload changed"],
            id="a long text is left to the text diff",
        ),
        pytest.param(
            flow(GREETING),
            flow(say("Welcome to Acme.", options={"repeat": 3})),
            ["step 1 say: repeat set to 3"],
            id="an option that is new",
        ),
        pytest.param(
            flow(transfer("31201234567", options={"mask": True})),
            flow(transfer("31201234567")),
            ["step 1 transfer: mask no longer set, was yes"],
            id="an option that is gone",
        ),
        pytest.param(
            flow(say("a", options={"loop": True})),
            flow(say("a", options={"loop": False, "repeat": 2})),
            ["step 1 say: loop no longer set, was yes", "step 1 say: repeat set to 2"],
            id="two options",
        ),
        pytest.param(
            flow(transfer("31201234567")),
            flow(transfer("31207654321")),
            ['step 1 transfer: destination "31201234567" -> "31207654321"'],
            id="another number",
        ),
        pytest.param(
            flow(play(["a.wav", "b.wav"])),
            flow(play(["b.wav"])),
            ['step 1 play: media ["a.wav", "b.wav"] -> ["b.wav"]'],
            id="a list is one value",
        ),
        pytest.param(
            flow(play([f"https://media.example.com/{n}.wav" for n in range(9)])),
            flow(play([f"https://media.example.com/{n}.wav" for n in range(8)])),
            ["step 1 play: media changed"],
            id="a long list",
        ),
        pytest.param(
            flow(play("a.wav")),
            flow(play(["a.wav"])),
            ['step 1 play: media "a.wav" -> ["a.wav"]'],
            id="a text becomes a list",
        ),
        pytest.param(
            flow(GREETING, hangup()),
            flow(GREETING, pause(2), hangup()),
            ["new step 2: pause 2 s"],
            id="insert",
        ),
        pytest.param(
            flow(GREETING, pause(2), hangup()),
            flow(GREETING, hangup()),
            ["step 2 removed: pause 2 s"],
            id="remove",
        ),
        pytest.param(
            flow(say("one"), pause(2), pause(3), hangup()),
            flow(pause(2), pause(3), say("one"), hangup()),
            ['step 1 moved, now step 3: say "one"; language "en-GB", voice "female"'],
            id="move",
        ),
        pytest.param(
            flow(GREETING, hangup()),
            flow(say("Closed.", conditions=[when("open", "no")]), GREETING, hangup()),
            ['new step 1: say "Closed."; if open == "no"; language "en-GB", voice "female"'],
            id="an inserted step does not change those behind it",
        ),
        pytest.param(
            flow(say("Press 1.", onKeypressGoto="a"), hangup(), pause(1, id="a")),
            flow(say("Press 1.", onKeypressGoto="b"), hangup(id="b"), pause(1)),
            ["step 1 say: a key press now leads to step 2 (hangup); it led to step 3 (pause 1 s)"],
            id="retargeted",
        ),
        pytest.param(
            flow(say("Press 1."), hangup()),
            flow(say("Press 1.", onKeypressGoto="end"), hangup(id="end")),
            ["step 1 say: a key press now leads to step 2 (hangup); it led nowhere"],
            id="a jump is new",
        ),
        pytest.param(
            flow(say("Press 1.", onKeypressGoto="end"), hangup(id="end")),
            flow(say("Press 1."), hangup()),
            ["step 1 say: a key press now leads nowhere; it led to step 2 (hangup)"],
            id="a jump is gone",
        ),
        pytest.param(
            flow(say("Press 1.", onKeypressGoto="a"), pause(1, id="a"), transfer("312", id="b")),
            flow(say("Press 1.", onKeypressGoto="b"), transfer("312", id="b")),
            [
                "step 1 say: a key press now leads to step 2 (transfer to 312); "
                "it led to the former step 2 (pause 1 s)",
                "step 2 removed: pause 1 s",
            ],
            id="the target is gone",
        ),
        pytest.param(
            flow(pause(1), say("one"), hangup(), play("a.wav"), say("two")),
            flow(say("one"), pause(9), transfer("312"), say("two", options={"repeat": 2})),
            [
                "step 1 removed: pause 1 s",
                "step 3 removed: hangup",
                "step 4 removed: play a.wav",
                "new step 2: pause 9 s",
                "new step 3: transfer to 312",
                "step 4 say: repeat set to 2",
            ],
            id="in the order of their places",
        ),
        pytest.param(
            flow(say("Press 1.", onKeypressGoto="a"), hangup(id="a")),
            flow(say("Press 1.", onKeypressGoto="a"), pause(1), hangup(id="a")),
            ["new step 2: pause 1 s"],
            id="a jump follows its target",
        ),
        pytest.param(
            flow(GREETING),
            flow({**GREETING, "conditions": [when("choice", "1")]}),
            ['step 1 say: conditions set to choice == "1"'],
            id="a condition",
        ),
        pytest.param(
            flow({**GREETING, "conditions": [when("choice", "1"), when("open", "yes")]}),
            flow({**GREETING, "conditions": [when("choice", "2"), when("open", "yes")]}),
            [
                'step 1 say: conditions choice == "1" and open == "yes" -> '
                'choice == "2" and open == "yes"'
            ],
            id="another condition",
        ),
        pytest.param(
            flow(GREETING),
            flow({**GREETING, "onKeypressVar": "choice", "maxNumKeys": 4}),
            ["step 1 say: maxNumKeys set to 4", 'step 1 say: onKeypressVar set to "choice"'],
            id="keys of a step",
        ),
        pytest.param(
            flow({**GREETING, "id": "x"}),
            flow({"action": "hangup", "id": "x"}),
            [
                'step 1 hangup: action "say" -> "hangup"',
                'step 1 hangup: language no longer set, was "en-GB"',
                'step 1 hangup: payload no longer set, was "Welcome to Acme."',
                'step 1 hangup: voice no longer set, was "female"',
            ],
            id="another action under one id",
        ),
        pytest.param(
            flow(GREETING, title="Sales", record=True),
            flow(GREETING, title="Support", maxDuration=60),
            [
                "maxDuration set to 60",
                "record no longer set, was yes",
                'title "Sales" -> "Support"',
            ],
            id="top level",
        ),
        pytest.param(
            flow(GREETING, default=True),
            flow(GREETING, default=False),
            ["default no longer set, was yes"],
            id="default",
        ),
        pytest.param(
            flow(GREETING, title=LONG + "A"),
            flow(GREETING, title=LONG + "B"),
            ["title changed"],
            id="a long title",
        ),
    ],
)
def test_sentences(live, desired, expected):
    assert sentences(live, desired) == expected


def test_values_stand_beside_their_sentence():
    (edit,) = edits_of(flow(GREETING), flow(say("Bye.")))
    assert (edit.kind, edit.live, edit.desired) == ("change", 0, 0)
    assert edit.path == "steps[0].options.payload"
    assert (edit.before, edit.after) == ("Welcome to Acme.", "Bye.")


def test_a_removed_step_is_found_in_the_live_flow():
    (edit,) = edits_of(flow(GREETING, pause(2)), flow(GREETING))
    assert (edit.kind, edit.live, edit.desired) == ("remove", 1, None)
    assert edit.path == "steps[1]"
    assert edit.before == {"action": "pause", "options": {"length": 2}}


WHOLE = transfer(
    "312",
    options={"mask": True, "record": "both", "ifMachine": "hangup", "machineTimeout": 5000},
    conditions=[when("choice", "1"), when("open", "")],
    endKey="#",
)
WHOLE_WORDS = (
    'transfer to 312; if choice == "1" and open == ""; mask yes, record "both", '
    'ifMachine "hangup", machineTimeout 5000, endKey "#"'
)


@pytest.mark.parametrize(
    ("live", "desired", "expected"),
    [
        (flow(GREETING), flow(GREETING, WHOLE), ("new step 2", None, WHOLE)),
        (flow(GREETING, WHOLE), flow(GREETING), ("step 2 removed", WHOLE, None)),
        (
            flow(WHOLE, GREETING, pause(1)),
            flow(GREETING, pause(1), WHOLE),
            ("step 1 moved, now step 3", WHOLE, WHOLE),
        ),
    ],
)
def test_a_step_is_told_whole_in_its_sentence_and_beside_it(live, desired, expected):
    what, before, after = expected
    (edit,) = edits_of(live, desired)
    assert (edit.text, edit.before, edit.after) == (f"{what}: {WHOLE_WORDS}", before, after)


def test_texts_that_look_alike_need_a_diff():
    (edit,) = edits_of(flow(say("press\u00a01")), flow(say("press 1")))
    assert (edit.text, edit.needs_diff) == ("step 1 say: payload changed", True)


def test_swapped_labels_are_no_edit():
    before = flow(say("one", id="a"), say("two", id="b"))
    after = flow(say("one", id="b"), say("two", id="a"))
    assert edits_of(before, after) == ()


def test_true_is_not_one():
    odd = {"action": "dance", "options": {"__steps": 1}}
    other = {"action": "dance", "options": {"__steps": True}}
    assert sentences(flow(odd), flow(other)) == ["step 1 dance: __steps 1 -> yes"]


def test_hostile_text_is_harmless_in_a_sentence():
    hostile = say("\x1b[2Jpwned\u202e\n::error::boom ##[error]")
    (text,) = sentences(flow(say("x")), flow(say("x"), hostile, pause(1)))[:1]
    assert text == (
        'new step 2: say "\\e[2Jpwned\\u202e\\n::error::boom #\\x23[error]"; '
        'language "en-GB", voice "female"'
    )
