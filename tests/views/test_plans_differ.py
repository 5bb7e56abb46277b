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


@st.composite
def two_of_three(draw):
    base = draw(bodies())
    one = draw(changed(base))
    two = draw(st.one_of(changed(one), changed(base)))
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


def test_titles_that_differ_where_they_are_cut():
    one, two = ({**BASE, "title": LONG + end} for end in "12")
    assert_all_differ(views(None, one), views(None, two))


def test_a_new_step_is_shown_whole():
    step = {**transfer("31207654321", options={"mask": True}), "conditions": [when("choice", "1")]}
    talk = with_options(
        {**TALK, "onKeypressGoto": "sales", "onKeypressVar": "choice"}, voice="male"
    )
    text, _, _ = views(BASE, flow(*BASE["steps"][:2], talk, step, BASE["steps"][2]))
    assert text.split("live flow 1\n")[1].split("\n\n")[0] == (
        """\
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
