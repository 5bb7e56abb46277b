"""Two plans that do not do the same never look the same: in text, in Markdown, in JSON."""

import pytest
from builders import entry, flow, hangup, known, live, pause, plan_of, say, transfer, wanted, when
from hypothesis import assume, given, note
from hypothesis import strategies as st
from strategies import bodies, changed

from mbflow.flow.canonical import canonical, same
from mbflow.plan.diff import diff
from mbflow.plan.document import plan_json
from mbflow.plan.match import match
from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown

BASE = flow(say("For sales, press 1."), hangup(), transfer("31201234567", id="sales"))


def views(found, desired):
    """The plan's three views; without a live body a create, without a desired one a delete."""
    files = [] if desired is None else [wanted("menu", desired)]
    lives = [] if found is None else [live("1", found, marked="menu")]
    entries = {} if found is None else {"menu": entry("1", found)}
    known_here = known(*files, *lives, entries=entries)
    changes = diff(known_here, match(known_here), secrets={}).changes
    plan = plan_of(*changes)
    return plan_text(plan), plan_markdown(plan), plan_json(plan)["changes"]


def assert_all_differ(one, two):
    for left, right in zip(one, two, strict=True):
        assert left != right


LOOKALIKES = [
    ("One. Two.", "One.  Two."),
    ("One. ", "One."),
    ("One.\n", "One."),
    ("One.\nTwo.", "One.\\nTwo."),
    ("tab\there", "tab\\there"),
    ("press 1", "press\u00a01"),
    ("caf\u00e9", "cafe\u0301"),
    ("1", "\uff11"),
    ("a", "\u0430"),
    ("zero\u200bwidth", "zero\\u200bwidth"),
    ("a \u00a0 b", "a  b"),
    ('x", voice "y', "x"),
    ('a == "1" and b', "a"),
    ('1" and b == "2', "1"),
    ("yes", "nothing"),
    ("- a", "+ a"),
    ("^^^", "   "),
    ("x" * 2100 + "1", "x" * 2100 + "2"),
    ("word " * 14 + "1", "word " * 14 + "\n1"),
    ("word " * 30 + "1", "word " * 30 + "2"),
    ("word " * 500 + "1", "word " * 500 + "2"),
    ("a::b ##[c]", "a::b #\\x23[c]"),
    (" (stored as x)", "x"),
]
"""Pairs of texts that a careless view would show alike."""
odd = st.sampled_from([text for pair in LOOKALIKES for text in pair])
OF_A_KIND = [
    1,
    "1",
    True,
    "true",
    None,
    "null",
    "nothing",
    [],
    "[]",
    ["1"],
    '["1"]',
    1.5,
    "1.5",
    "yes",
]
"""Values of several kinds that a careless view would show alike."""
HOLDERS = {
    "payload": lambda it: say(it),
    "destination": lambda it: transfer(it),
    "media": lambda it: {"action": "play", "options": {"media": it}},
    "several media": lambda it: {"action": "play", "options": {"media": ["x", it, "y"]}},
    "seconds": lambda it: pause(it),
    "keys": lambda it: {"action": "sendKeys", "options": {"keys": it}},
    "url": lambda it: {"action": "fetchCallFlow", "options": {"url": it}},
    "source": lambda it: transfer("312", options={"source": it}),
    "language": lambda it: say("x", language=it),
    "action": lambda it: {"action": it},
    "variable": lambda it: pause(2, onKeypressVar=it),
    "end key": lambda it: pause(2, endKey=it),
    "variable of a condition": lambda it: hangup(conditions=[when(it, "1")]),
    "value of a condition": lambda it: hangup(conditions=[when("a", it)]),
    "one of two conditions": lambda it: hangup(conditions=[when("a", it), when("b", "2")]),
    "operator": lambda it: hangup(conditions=[{**when("a", "1"), "operator": it}]),
    "conditions": lambda it: hangup(conditions=it),
    "label": lambda it: pause(2, onKeypressGoto=it),
    "label of a step without keys": lambda it: transfer("312", onKeypressGoto=it),
}
"""A step that holds the value somewhere."""


@st.composite
def sly(draw, body):
    """The body with another step, a step less, a step elsewhere, or one that is hard to read."""
    steps = [*body["steps"]]
    place = draw(st.integers(0, len(steps) - 1))
    step = draw(st.sampled_from([*HOLDERS.values()]))(draw(odd))
    change = draw(st.sampled_from(["insert", "remove", "move", "replace", "jump", "title"]))
    if change == "title":
        return {**body, "title": draw(odd)}
    if change == "insert":
        steps.insert(place, step)
    elif change == "replace":
        steps[place] = step
    elif change == "jump":
        target = {"id": "here", **draw(st.sampled_from(steps))}
        steps[steps.index(target) if target in steps else 0] = target
        steps[place] = {**steps[place], "onKeypressGoto": target["id"]}
    elif len(steps) > 1:
        step = steps.pop(place)
        if change == "move":
            steps.insert(draw(st.integers(0, len(steps))), step)
    return {**body, "steps": steps}


@st.composite
def two_of_three(draw):
    """A body, and two others that were made of it: each by some changes, in part the same."""
    base = draw(bodies())
    common = draw(st.one_of(st.just(base), changed(base)))
    one, two = draw(changed(common)), draw(st.one_of(st.just(common), changed(common)))
    for _ in range(draw(st.integers(0, 2))):
        one, two = draw(sly(one)), draw(sly(two))
    assume(not same(canonical(one), canonical(two)))
    return base, one, two


@given(two_of_three())
def test_whatever_differs_shows(drawn):
    base, one, two = drawn
    note(f"{canonical(one)}\n{canonical(two)}")
    assert_all_differ(views(base, one), views(base, two))
    assert_all_differ(views(one, base), views(two, base))
    assert_all_differ(views(None, one), views(None, two))
    assert_all_differ(views(one, None), views(two, None))


LONG = "Thank you for calling Acme, the home of anvils, rockets and rubber bands. " * 2
TALK = say("Press a key.")
RECORD = {"action": "record", "options": {"maxLength": 60}}


def with_options(step, **options):
    return {**step, "options": {**step.get("options", {}), **options}}


STEPS = {
    "a condition": (TALK, {**TALK, "conditions": [when("choice", "1")]}),
    "the value of a condition": (
        {**TALK, "conditions": [when("choice", LONG + "1")]},
        {**TALK, "conditions": [when("choice", LONG + "2")]},
    ),
    "where keys lead": (TALK, {**TALK, "onKeypressGoto": "sales"}),
    "keys that lead on": (
        {**TALK, "onKeypressVar": "choice"},
        {**TALK, "onKeypressVar": "choice", "onKeypressGoto": "next"},
    ),
    "a variable": (TALK, {**TALK, "onKeypressVar": "choice"}),
    "how many keys": (TALK, {**TALK, "maxNumKeys": 3}),
    "an end key": (TALK, {**TALK, "endKey": "#"}),
    "a language": (TALK, with_options(TALK, language="nl-NL")),
    "a voice": (TALK, with_options(TALK, voice="male")),
    "how often": (TALK, with_options(TALK, repeat=3)),
    "a loop": (TALK, with_options(TALK, loop=True)),
    "a machine": (TALK, with_options(TALK, ifMachine="hangup")),
    "a mask": (transfer("31201234567"), with_options(transfer("31201234567"), mask=True)),
    "recording": (transfer("312"), with_options(transfer("312"), record="both")),
    "what follows": (RECORD, with_options(RECORD, onFinish="https://example.com/next")),
    "transcribing": (RECORD, with_options(RECORD, transcribe=True)),
    "the end of a text": (say(LONG + "1"), say(LONG + "2")),
    "the end of a longer text": (say(LONG * 20 + "1"), say(LONG * 20 + "2")),
    "blanks": (say("One.  Two."), say("One. Two.")),
    "a blank at the end": (say("One. "), say("One.")),
    "a break at the end": (say("One.\nTwo.\n"), say("One.\nTwo.")),
    "an escape": (say("One.\nTwo."), say("One.\\nTwo.")),
    "the seconds of a pause": (pause(2), pause(3)),
}


@pytest.mark.parametrize("name", STEPS)
def test_all_that_a_step_holds_shows_wherever_it_comes(name):
    """In a flow that is new, a step that is new, that goes, and that takes another's place."""
    one, two = (
        flow(BASE["steps"][0], s, pause(9, id="next"), *BASE["steps"][1:]) for s in STEPS[name]
    )
    less = flow(BASE["steps"][0], pause(9, id="next"), *BASE["steps"][1:])
    other = flow(BASE["steps"][0], say("Other"), pause(9, id="next"), *BASE["steps"][1:])
    for base in (None, less, other):
        assert_all_differ(views(base, one), views(base, two))
        assert_all_differ(views(one, base), views(two, base))


PLACES = {
    "a new flow": lambda body, other: (None, body),
    "a new step": lambda body, other: (flow(hangup()), body),
    "a changed step": lambda body, other: (body, other),
}


def in_turn(places, holders):
    """Each holder at one place, in turn; the rest is the long proof."""
    return [
        pytest.param(holder, place, marks=[pytest.mark.long] if (n - at) % len(places) else [])
        for n, holder in enumerate(holders)
        for at, place in enumerate(places)
    ]


@pytest.mark.parametrize(("holder", "place"), in_turn(PLACES, HOLDERS))
def test_what_looks_alike_shows_wherever_it_stands(holder, place):
    hold, shown = HOLDERS[holder], {}
    other = flow(TALK, hold("other"), hangup())
    for value in [value for pair in LOOKALIKES for value in pair] + OF_A_KIND:
        body = flow(TALK, hold(value), hangup())
        form = repr(canonical(body))
        for number, view in enumerate(map(str, views(*PLACES[place](body, other)))):
            assert shown.setdefault((number, view), form) == form


ALIKE = {
    "where a jump leads that no key takes": (
        flow(hangup(), hangup(id="a"), hangup(onKeypressGoto="a")),
        flow(hangup(id="a"), hangup(), hangup(onKeypressGoto="a")),
    ),
    "one condition or two": (
        flow(hangup(conditions=[when("a", '1" and b == "2')])),
        flow(hangup(conditions=[when("a", "1"), when("b", "2")])),
    ),
    "one option or two": (
        flow(transfer("312", options={"record": 'in", source "x'})),
        flow(transfer("312", options={"record": "in", "source": "x"})),
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_flows_that_would_read_alike(name):
    one, two = ALIKE[name]
    for base in (None, flow(pause(1))):
        assert_all_differ(views(base, one), views(base, two))
        assert_all_differ(views(one, base), views(two, base))


@pytest.mark.parametrize("title", [LONG, "\x1f" * 20])
def test_titles_that_differ_where_they_are_cut(title):
    one, two = ({**BASE, "title": title + end} for end in "12")
    assert_all_differ(views(None, one), views(None, two))


def test_a_new_step_is_shown_whole():
    step = {**transfer("31207654321", options={"mask": True}), "conditions": [when("choice", "1")]}
    talk = with_options(
        {**TALK, "onKeypressGoto": "sales", "onKeypressVar": "choice"}, voice="male"
    )
    text, _, _ = views(BASE, flow(*BASE["steps"][:2], talk, step, BASE["steps"][2]))
    assert text.split("live flow 1\n")[1].split("\n\n")[0] == (
        """\
    callers hear no difference
    new step 3: say "Press a key."
      language "en-GB", voice "male"
      a key press goes to step 5 (stored as choice)
    new step 4: transfer to 31207654321
      if choice == "1"
      mask yes"""
    )


@pytest.mark.parametrize("count", [20, 400, 4000])
def test_plans_that_are_cut_in_markdown_say_what_differs(count):
    def cut(last):
        steps = [say(f"Step {n}") for n in range(20 if count < 4000 else 2)]
        flows = {f"f{n}": flow(*steps, say(last if n + 1 == count else "x")) for n in range(count)}
        here = known(*(wanted(name, body) for name, body in flows.items()))
        return plan_markdown(plan_of(*diff(here, match(here), secrets={}).changes), 20_000)

    one, two = cut("a"), cut("b")
    assert one != two
    assert max(len(one), len(two)) <= 20_000
