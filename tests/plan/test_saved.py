"""A saved plan held against a fresh one: each thing that has changed, in its own words."""

from dataclasses import replace

import pytest
from builders import entry, flow, known, live, pause, plan_of, say, wanted

from mbflow.plan.diff import diff
from mbflow.plan.hazards import with_numbers
from mbflow.plan.match import match
from mbflow.plan.model import SALT, ChangeKind, HazardKind, Summary
from mbflow.plan.secrets import fingerprint
from mbflow.plan.staleness import hold

OLD = flow(say("Hello."), title="Menu")
NEW = flow(say("Good day."), title="Menu")
THEIRS = flow(say("Edited in the dashboard."), title="Menu")
OTHER = flow(pause(3), title="Other")
DAY = 24 * 3600.0


def account(*parts, numbers=(), **rest):
    """What a plan is made of: files, live flows, lock, and numbers that lead to every delete."""
    return known(*parts, **rest), numbers


def planned(made, **rest):
    found, numbers = made
    changes = diff(found, match(found), secrets={}).changes
    changes = [with_numbers(c, numbers) if c.action is ChangeKind.DELETE else c for c in changes]
    return plan_of(*changes, **rest)


def held(saved, now, *, max_age=None, secrets=None, **rest):
    """The saved plan held against what is there now."""
    found, _ = now
    return hold(
        saved,
        planned(now, **rest),
        flows=found.flows,
        live=found.live.keys(),
        wanted={},
        calendars={},
        secrets=secrets or {},
        max_age=max_age,
    )


def why(saved, now, **rest):
    (refusal,) = held(saved, now, **rest).refusals
    return refusal.text


LOCKED = {"menu": entry("1", OLD)}
BEFORE = live("1", OLD, marked="menu")
UPDATE = account(wanted("menu", NEW), BEFORE, entries=LOCKED)
CREATE = account(wanted("menu", NEW))
DELETE = account(wanted("other", OTHER), BEFORE, live("2", OTHER, marked="other"), entries=LOCKED)


def names(changes):
    return [change.name for change in changes]


@pytest.mark.parametrize("made", [UPDATE, CREATE, DELETE])
def test_as_long_as_nothing_has_changed_it_is_all_to_do(made):
    found = held(planned(made), made)
    assert names(found.todo) == ["menu"]
    assert (found.refusals, found.already, found.elsewhere) == ((), (), ())


# Done already


@pytest.mark.parametrize(
    ("made", "now"),
    [
        (UPDATE, account(wanted("menu", NEW), live("1", NEW, marked="menu"), entries=LOCKED)),
        (CREATE, account(wanted("menu", NEW), live("9", NEW, marked="menu"))),
        (DELETE, account(wanted("other", OTHER), live("2", OTHER, marked="other"))),
    ],
)
def test_what_is_done_is_not_done_again(made, now):
    found = held(planned(made), now)
    assert names(found.already) == ["menu"]
    assert (found.refusals, found.todo) == ((), ())


def test_a_delete_is_not_done_while_the_flow_lives():
    now = account(wanted("other", OTHER), BEFORE, live("2", OTHER, marked="other"))
    assert why(planned(DELETE), now) == (
        "delete menu: it is still live, but the lock does not say any more that it is this "
        "project's"
    )


# Other place, other time


@pytest.mark.parametrize(
    ("name", "value"),
    [("project", "other"), ("environment", "staging"), ("endpoint", "embedded")],
)
def test_a_plan_for_another_place(name, value):
    saved = planned(UPDATE)
    here = getattr(saved, name)
    assert why(replace(saved, **{name: value}), UPDATE) == (
        f"The plan is for the {name} {value}, and this is {here}."
    )


def test_a_plan_that_is_too_old():
    saved = planned(UPDATE, created="2026-01-01T00:00:00Z")
    assert why(saved, UPDATE, max_age=DAY, created="2026-01-02T01:30:00Z") == (
        "The plan was made 25.5 hours ago (2026-01-01T00:00:00Z), and plan_max_age allows 24 hours."
    )
    assert not held(saved, UPDATE, max_age=DAY, created="2026-01-02T00:00:00Z").refusals
    assert not held(saved, UPDATE, created="2036-01-01T00:00:00Z").refusals


def test_a_plan_from_the_future_is_not_young():
    saved = planned(UPDATE, created="2026-01-03T00:00:00Z")
    text = why(saved, UPDATE, max_age=DAY, created="2026-01-02T00:00:00Z")
    assert text.startswith(
        "The plan was made in the future, by the clock here (2026-01-03T00:00:00Z)"
    )


def test_clocks_of_two_machines_are_minutes_apart():
    saved = planned(UPDATE, created="2026-01-01T00:04:00Z")
    assert not held(saved, UPDATE, max_age=60, created="2026-01-01T00:00:00Z").refusals


# The files


def test_a_file_that_has_changed():
    now = account(wanted("menu", OTHER), BEFORE, entries=LOCKED)
    assert why(planned(UPDATE), now) == (
        "update menu: flows/menu.yaml says something else than when the plan was made"
    )


def test_a_file_that_says_the_same_in_other_words_has_changed():
    """The plan that was approved is the change that happens, to the letter."""
    now = account(wanted("menu", {**NEW, "record": False}), BEFORE, entries=LOCKED)
    assert "says something else than when the plan was made" in why(planned(UPDATE), now)


def test_a_file_that_is_gone():
    now = account(wanted("other", OTHER), BEFORE, live("2", OTHER, marked="other"), entries=LOCKED)
    found = held(planned(UPDATE), now)
    assert found.refusals[0].text == "update menu: its file is gone since the plan was made"


def test_a_file_that_is_there_again():
    assert why(planned(DELETE), UPDATE) == "delete menu: flows/menu.yaml is there again"


# The live flows


def test_a_live_flow_that_was_edited():
    now = account(wanted("menu", NEW), live("1", THEIRS, marked="menu"), entries=LOCKED)
    assert why(planned(UPDATE), now) == (
        "update menu: the live flow was edited since the plan was made"
    )


def test_a_flow_to_delete_that_was_edited():
    edited = live("1", THEIRS, marked="menu")
    now = account(wanted("other", OTHER), edited, live("2", OTHER, marked="other"), entries=LOCKED)
    assert why(planned(DELETE), now) == (
        "delete menu: the live flow was edited since the plan was made"
    )


def test_a_planned_name_that_has_appeared():
    now = account(wanted("menu", NEW), live("9", OTHER, marked="menu"))
    assert why(planned(CREATE), now) == (
        "create menu: the live flow is not what the plan saw: it would now be update 9"
    )


def test_a_twin_that_has_appeared():
    now = account(wanted("menu", NEW), live("9", NEW))
    assert why(planned(CREATE), now) == (
        "create menu: the live flow is not what the plan saw: it would now be adopt 9"
    )


def test_a_flow_to_update_that_is_gone():
    now = account(wanted("menu", NEW), entries=LOCKED)
    assert why(planned(UPDATE), now) == (
        "update menu: the live flow is not what the plan saw: it would now be create"
    )


def test_numbers_that_were_assigned():
    found, _ = DELETE
    assert why(planned(DELETE), (found, ["31201234567"])) == (
        "delete menu: numbers were assigned to it since the plan was made"
    )


def test_numbers_that_were_shown_or_are_gone():
    found, _ = DELETE
    saved = planned((found, ["3120", "3121"]))
    assert not held(saved, (found, ["3120"])).refusals
    assert not held(saved, (found, [])).refusals


def test_numbers_that_cannot_be_read_any_more():
    found, _ = DELETE
    assert why(planned(DELETE), (found, None)) == "delete menu: it has become unsafe since: numbers"


def test_a_hazard_that_is_new():
    """Its base was not known when the plan was made; now it is, and somebody had edited it."""
    made = account(wanted("menu", NEW), live("1", THEIRS, marked="menu"))
    now = account(wanted("menu", NEW), live("1", THEIRS, marked="menu"), entries=LOCKED)
    assert why(planned(made), now) == "update menu: it has become unsafe since: conflict"


def test_a_default_that_another_flow_has_by_now():
    """Somebody gave it away since: the plan did not say from whom it would be taken."""
    taker = wanted("menu", {**NEW, "default": True})
    first, second = live("2", {**OTHER, "default": True}), live("3", {**OTHER, "default": True})
    saved = planned(account(taker, BEFORE, first, entries=LOCKED))
    assert not held(saved, account(taker, BEFORE, first, entries=LOCKED)).refusals
    assert why(saved, account(taker, BEFORE, second, entries=LOCKED)) == (
        "update menu: it would take over from another flow than the plan says: default has moved "
        "since"
    )


def test_a_name_that_is_not_declared_as_removed_any_more():
    found, _ = DELETE
    saved = planned((replace(found, removed=frozenset({"menu"})), ()))
    assert why(saved, DELETE) == ("delete menu: its name does not stand under `removed:` any more")


def test_changes_elsewhere_are_only_reported():
    found, _ = UPDATE
    more = wanted("more", OTHER)
    now = account(*found.flows.values(), more, *found.live.values(), entries=LOCKED)
    held_now = held(planned(UPDATE), now)
    assert names(held_now.elsewhere) == ["more"]
    assert names(held_now.todo) == ["menu"]
    assert not held_now.refusals


# A plan file that somebody changed, digest and all


def tampered(plan, **changes):
    (change,) = plan.changes
    return replace(plan, changes=(replace(change, **changes),))


def texts(saved, now, **rest):
    return [refusal.text for refusal in held(saved, now, **rest).refusals]


def test_a_body_that_was_changed_in_the_plan():
    saved = tampered(planned(UPDATE), after=OTHER)
    assert texts(saved, UPDATE) == [
        "update menu: what would be sent was changed in the plan file.",
        "update menu: flows/menu.yaml says something else than when the plan was made",
    ]


def test_an_id_that_was_changed_in_the_plan():
    saved = tampered(planned(UPDATE), id="2")
    assert "it would now be update 1" in why(saved, UPDATE)


def test_a_digest_that_was_changed_in_the_plan():
    saved = tampered(planned(UPDATE), digest="0123456789abcdef")
    assert len(texts(saved, UPDATE)) == 2


def test_counts_that_were_changed_in_the_plan():
    saved = planned(UPDATE)
    saved = replace(saved, summary=replace(saved.summary, update=0))
    assert why(saved, UPDATE) == "The counts in the plan file do not fit its changes."


def test_a_change_that_was_taken_out_of_the_plan():
    assert why(replace(planned(UPDATE), changes=()), UPDATE) == (
        "The counts in the plan file do not fit its changes."
    )


def test_a_change_that_stands_twice_in_the_plan():
    saved = planned(CREATE)
    saved = replace(saved, changes=saved.changes * 2)
    assert texts(saved, CREATE)[0] == "The plan file changes a flow twice."


def test_a_hazard_that_was_taken_out_of_the_plan():
    now = account(wanted("menu", NEW), live("1", THEIRS, marked="menu"), entries=LOCKED)
    saved = tampered(planned(now), hazards=())
    assert why(saved, now) == "update menu: it has become unsafe since: conflict"


def test_a_hazard_that_was_made_milder_in_the_plan():
    found, _ = DELETE
    now = (found, ["3120"])
    saved = planned(now)
    (hazard,) = saved.changes[0].hazards
    assert hazard.kind is HazardKind.NUMBERS
    saved = tampered(saved, hazards=(replace(hazard, needs_allow=False),))
    assert why(saved, now) == "delete menu: it has become unsafe since: numbers"


def test_a_delete_that_was_declared_in_the_plan_only():
    saved = tampered(planned(DELETE), declared=True)
    assert "does not stand under `removed:`" in why(saved, DELETE)


# Secrets


SHOWN = flow(say("The code is ${pin}."), title="Menu")
SECRET = account(wanted("menu", flow(say("The code is 1234."), title="Menu"), body=SHOWN))


def hashed(value, name="pin"):
    return {SALT: "5a17", name: fingerprint(value, "5a17")}


def test_a_secret_with_the_same_value():
    saved = planned(SECRET, secrets=hashed("1234"))
    assert not held(saved, SECRET, secrets={"pin": "1234"}).refusals


def test_a_secret_with_another_value():
    saved = planned(SECRET, secrets=hashed("1234"))
    assert why(saved, SECRET, secrets={"pin": "4321"}) == (
        "The secret ${pin} has another value here than in the plan."
    )


def test_a_secret_that_is_not_set_here():
    saved = planned(SECRET, secrets=hashed("1234"))
    assert why(saved, SECRET) == "The plan uses the secret ${pin}, which is not set here."


def test_a_hash_that_was_taken_out_of_the_plan():
    assert why(planned(SECRET), SECRET, secrets={"pin": "4321"}) == (
        "The plan does not say which value of the secret ${pin} it uses."
    )


def test_a_secret_that_the_plan_does_not_use_is_no_matter():
    saved = planned(SECRET, secrets=hashed("1234"))
    assert not held(saved, SECRET, secrets={"pin": "1234", "other": "5678"}).refusals


def test_a_secret_that_is_called_salt():
    shown = flow(say("The code is ${salt}."), title="Menu")
    made = account(wanted("menu", flow(say("1234"), title="Menu"), body=shown))
    saved = planned(made, secrets=hashed("1234", "salt"))
    assert not held(saved, made, secrets={"salt": "1234"}).refusals
    assert "another value" in why(saved, made, secrets={"salt": "4321"})


def test_everything_that_does_not_fit_is_said_at_once():
    saved = replace(planned(UPDATE, created="2026-01-01T00:00:00Z"), summary=Summary(create=5))
    now = account(wanted("menu", OTHER), BEFORE, entries=LOCKED)
    assert len(texts(saved, now, max_age=1.0, created="2026-01-02T00:00:00Z")) == 3


def test_of_another_place_nothing_else_is_said():
    saved = replace(planned(UPDATE), project="other", environment="staging")
    now = account(wanted("menu", OTHER), BEFORE, entries=LOCKED)
    assert texts(saved, now, max_age=1.0, created="2027-01-02T00:00:00Z") == [
        "The plan is for the project other, and this is acme.",
        "The plan is for the environment staging, and this is production.",
    ]
