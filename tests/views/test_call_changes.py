"""What callers will hear otherwise, word for word."""

import copy

import pytest
from builders import flow, hangup, pause, plan_of, say, transfer, when

from mbflow.plan import calls
from mbflow.plan.calls import changed_calls
from mbflow.plan.document import plan_json
from mbflow.plan.model import Change, ChangeKind
from mbflow.plan.secrets import OLDER
from mbflow.views.call_changes import changed_calls_lines
from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown


def update(before, after, name="menu"):
    return Change(name, ChangeKind.UPDATE, before=before, after=after)


def told(before, after, most=3):
    change = update(before, after)
    return "\n".join(changed_calls_lines(change, changed_calls(change, most)))


def doing(action, conditions=None, **options):
    step = {"action": action, "options": options}
    return step | ({"conditions": conditions} if conditions else {})


def menu(*for_two):
    prompt = "For sales, press 1. For support, press 2."
    return flow(
        say(prompt, onKeypressGoto="chosen", onKeypressVar="choice"),
        hangup(),
        transfer("442079460111", id="chosen", conditions=[when("choice", "1")]),
        *for_two,
        hangup(),
    )


TWO = [when("choice", "2")]
SUPPORT = menu(
    say("Support is at home in London.", conditions=TWO), transfer("442079460122", conditions=TWO)
)
BILLING = menu(
    say("Billing has moved. Leave a message.", conditions=TWO),
    doing("record", TWO, maxLength=60, finishOnKey="#"),
)
WAIT = flow(say("Hold on."), pause(2), transfer("44207"))
FETCH = flow(
    say("Number?", onKeypressGoto="look", onKeypressVar="order", endKey="#"),
    hangup(),
    {"id": "look", "action": "fetchCallFlow", "options": {"url": "https://a.example/x"}},
)


def with_option(body, step, **options):
    other = copy.deepcopy(body)
    other["steps"][step].setdefault("options", {}).update(options)
    return other


def with_field(body, step, **fields):
    other = copy.deepcopy(body)
    other["steps"][step].update(fields)
    return other


def test_a_menu_that_leads_elsewhere():
    assert told(SUPPORT, BILLING) == (
        """\
2 of 6 kinds of calls change
  a caller who presses 2, speaks and presses #:
    heard … "Support is at home in London.", and was transferred to
      442079460122
    will hear … "Billing has moved. Leave a message.", will leave a message,
      and the call will be hung up
  a caller who presses 2, speaks and presses #, and 442079460122 does not
    answer:
    heard … "Support is at home in London.", and the call was hung up
    will hear … "Billing has moved. Leave a message.", will leave a message,
      and the call will be hung up"""
    )


def test_a_text_that_is_left_out():
    gone = flow(*WAIT["steps"][1:])
    assert "will hear nothing at this point, and will be transferred" in told(WAIT, gone)
    assert "    heard nothing at this point\n" in told(gone, WAIT)


UNHEARD = {
    "voice": (
        with_option(WAIT, 0, voice="male"),
        '"Hold on." (language "en-GB", voice "female")',
        '"Hold on." (language "en-GB", voice "male")',
    ),
    "language": (
        with_option(WAIT, 0, language="nl-NL"),
        '"Hold on." (language "en-GB", voice "female")',
        '"Hold on." (language "nl-NL", voice "female")',
    ),
    "pause": (with_option(WAIT, 1, length=4), "2 s of silence", "4 s of silence"),
    "mask": (with_option(WAIT, 2, mask=True), "44207 is rung", "44207 is rung (mask yes)"),
    "record": ({**WAIT, "record": True}, "not so", "the whole call is recorded"),
}


@pytest.mark.parametrize("name", UNHEARD)
def test_a_difference_that_no_word_tells(name):
    other, before, after = UNHEARD[name]
    assert (
        told(WAIT, other, 1).split()
        == (
            f"""\
both kinds of calls change
  a caller who does nothing:
    before: {before}
    after: {after}, and will be transferred to 44207 as before
  and 1 more: plan --calls all"""
        ).split()
    )


SAME = {
    "a step that no call comes to": flow(
        *WAIT["steps"], say("Nobody hears this.", conditions=[when("choice", "1")])
    ),
    "an id": with_field(WAIT, 1, id="here"),
    "a default": with_option(WAIT, 0, repeat=1, loop=False),
    "another title": {**WAIT, "title": "Other"},
}


@pytest.mark.parametrize("name", [*SAME, "branches that change places"])
def test_no_difference(name):
    live = WAIT if name in SAME else SUPPORT
    first, end, one, *two, last = SUPPORT["steps"]
    swapped = [{**two[0], "id": "chosen"}, two[1], {**one, "id": "other"}]
    other = SAME.get(name) or flow(first, end, *swapped, last)
    assert told(live, other) == "callers hear no difference"


def test_a_flow_that_other_calls_come_to():
    assert told(WAIT, {**WAIT, "default": True}) == (
        "its callers hear no difference; which calls come to it changes"
    )


def test_a_key_that_is_taken_no_more():
    bye = flow(
        say("Hold on."), pause(2, onKeypressGoto="bye"), transfer("44207"), say("Bye.", id="bye")
    )
    assert told(bye, with_field(bye, 1, onKeypressGoto=None)).splitlines()[:4] == [
        "2 of 4 kinds of calls change",
        "  a caller who presses 1:",
        '    heard … "Bye.", and the flow ended',
        "    will hear … the same, and will be transferred to 44207",
    ]


def test_an_answering_machine():
    assert told(WAIT, with_option(WAIT, 0, ifMachine="hangup"), 1) == (
        """\
2 of 4 kinds of calls change
  an answering machine:
    heard "Hold on.", and was transferred to 44207
    will hear nothing, and the call will be hung up
  and 1 more: plan --calls all"""
    )
    assert told(WAIT, with_option(WAIT, 2, ifMachine="hangup")) == (
        """\
1 of 3 kinds of calls changes
  a caller who does nothing, and 44207 is answered by a machine:
    heard … the same, and was transferred to 44207
    will hear … the same, and the call will be hung up"""
    )


def test_a_fetched_flow():
    assert told(FETCH, with_option(FETCH, 2, url="https://a.example/y"), 2) == (
        """\
3 of 4 kinds of calls change
  a caller who presses 1#:
    heard … the same, and went on with the flow of https://a.example/x
    will hear … the same, and will go on with the flow of
      https://a.example/y
  a caller who presses 1#, and https://a.example/x gives no flow:
    heard … the same, and no flow came from https://a.example/x
    will hear … the same, and will go on with the flow of
      https://a.example/y
  and 1 more: plan --calls all"""
    )


def test_what_a_web_server_is_told():
    assert told(FETCH, with_field(FETCH, 0, onKeypressVar="number")) == (
        """\
1 of 3 kinds of calls changes
  a caller who presses 1#:
    before: https://a.example/x is asked for the next flow with order=1
    after: https://a.example/x is asked for the next flow with number=1, and
      will go on with the flow of https://a.example/x as before"""
    )


def test_a_call_of_many_texts():
    assert told(flow(say("x")), flow(say("x", options={"loop": True}))) == (
        """\
every call changes
  a caller who does nothing:
    heard … the same, and the flow ended
    will hear … "x", "x", "x", 996 more, and the call will go on without end"""
    )


def labyrinth(last):
    """More kinds of calls than are looked at: each key of each step is asked for at the end."""
    asking = [
        say(f"Key {n}", id=f"s{n}", onKeypressGoto=f"s{n}", onKeypressVar=f"v{n}") for n in range(9)
    ]
    answers = [say("x", conditions=[when(f"v{n}", key)]) for n in range(9) for key in "123456789"]
    return flow(*asking, *answers, say(last))


def test_a_flow_of_too_many_kinds():
    change = update(labyrinth("Bye."), labyrinth("Bye."))
    found = changed_calls(change)
    assert found.not_decided
    assert "\n".join(changed_calls_lines(change, found)) == (
        """\
not decided which kinds of calls change: there are too many to look at all
  of them"""
    )
    text = told(labyrinth("Bye."), labyrinth("Good night."))
    assert " or more kinds of calls change: there are too many to look at all" in text


def test_a_secret_that_steers_calls():
    """The step may be the one that the secret names."""
    before, after = (
        flow(say("Menu", onKeypressGoto="${where}"), hangup(), say(text, id="there"), hangup())
        for text in ("Hello.", "Bye.")
    )
    assert told(before, after) == (
        "not decided which kinds of calls change: a secret decides which way calls go"
    )


def test_how_many_calls_are_told():
    plan = plan_of(update(SUPPORT, BILLING), options={"calls": 0})
    assert "2 of 6 kinds of calls change\n\n" in plan_text(plan)
    for most, count in ((1, 1), (2, 2), (7, 2), (None, 2)):
        plan = plan_of(update(SUPPORT, BILLING), options={"calls": most})
        assert plan_text(plan).count(" a caller who presses 2") == count
        assert plan_markdown(plan).count(" a caller who presses 2") == count
        (change,) = plan_json(plan)["changes"]
        assert len(change["calls"]["examples"]) == count


@pytest.mark.parametrize("bound", ["MOST_CHANGES", "MOST_MOVES"])
def test_updates_beyond_the_bound(monkeypatch, bound):
    monkeypatch.setattr(calls, bound, 1)
    plan = plan_of(update(SUPPORT, BILLING, "a"), update(SUPPORT, BILLING, "b"))
    assert [change["calls"] is None for change in plan_json(plan)["changes"]] == [False, True]
    for view in (plan_text(plan), plan_markdown(plan)):
        assert "its calls were not looked at, for the plan is large: plan --target b" in view
        assert "--target a" not in view


def test_a_live_flow_says_whether_it_is_the_default():
    """The file leaves `default` out, so it is not managed, and nothing is said of it."""
    change = update(SUPPORT | {"default": False}, SUPPORT | {"title": "Another"})
    assert changed_calls_lines(change, changed_calls(change)) == ["callers hear no difference"]


def test_what_stands_behind_the_end_of_every_call_changes_none():
    """The whole call is cut before its second text."""
    before, after = (
        flow(
            {
                "action": "play",
                "options": {"media": ["https://x.example/1", "https://x.example/2"]},
            },
            say(text),
            maxDuration=10,
        )
        for text in ("One.", "Two.")
    )
    assert told(before, after) == "callers hear no difference"


def test_a_secret_with_another_value():
    """Whoever knows the old one hears something else; nobody can say so in keys."""
    asking = say("Pin?", onKeypressVar="pin", maxNumKeys=4)
    before, after = (
        flow(asking, say("Welcome.", conditions=[when("pin", value)]))
        for value in (OLDER, "${pin}")
    )
    assert "the value of a secret decides which way calls go" in " ".join(
        told(before, after).split()
    )


def test_a_menu_of_two_hundred_keys_is_decided():
    def menu(last):
        asking = say("Extension?", onKeypressVar="a", maxNumKeys=3, onKeypressGoto="g")
        rest = pause(5) | {"onKeypressVar": "a", "maxNumKeys": 3, "onKeypressGoto": "g"}
        numbers = [
            transfer(last if n == 50 else f"4420794{n:05}", conditions=[when("a", f"{n:03}")])
            for n in range(200)
        ]
        return flow(asking, rest, hangup(), numbers[0] | {"id": "g"}, *numbers[1:], hangup())

    assert "a caller who presses 050:" in told(menu("442079400050"), menu("442079499999"))
