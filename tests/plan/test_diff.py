"""From matched flows to changes: three-way comparison, hazards, order."""

import pytest
from builders import entry, flow, hangup, known, live, pause, say, transfer, wanted
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed

from mbflow.flow.canonical import Form, canonical, digest
from mbflow.model.flow import LiveFlow
from mbflow.plan.diff import diff, is_settled
from mbflow.plan.hazards import with_numbers
from mbflow.plan.match import match
from mbflow.plan.model import Change
from mbflow.plan.secrets import hide_body

SENT = flow(say("Welcome."), hangup(), title="Menu")
THEIRS = flow(say("Edited in the dashboard."), hangup(), title="Menu")
OURS = flow(say("Edited in git."), hangup(), title="Menu")
OTHER = flow(transfer("31201234567"), pause(3), title="Other")
DEFAULT = {"default": True}


def differences(*parts, secrets=None, titles_hidden=False, **rest):
    found = known(*parts, **rest)
    return diff(found, match(found), secrets=secrets or {}, titles_hidden=titles_hidden)


def changes(*parts, **rest):
    return {change.name: change for change in differences(*parts, **rest).changes}


def only(*parts, **rest) -> Change:
    (change,) = changes(*parts, **rest).values()
    return change


def kinds(change):
    return [hazard.kind.value for hazard in change.hazards]


def three_way(file, live_body, *, base=SENT):
    """The change of one locked key, or None."""
    entries = {"menu": entry("1", base)} if base else {}
    parts = wanted("menu", file), live("1", live_body, marked="menu")
    return changes(*parts, entries=entries).get("menu")


# Three-way


def test_nothing_to_do():
    assert three_way(SENT, SENT) is None


def test_an_ordinary_update():
    change = three_way(OURS, SENT)
    assert change.action == "update"
    assert kinds(change) == []
    assert change.base_known


def test_live_was_edited_and_git_was_not():
    change = three_way(SENT, THEIRS)
    assert kinds(change) == ["outside-edit"]
    assert str(change.hazards[0]) == (
        "the live flow was edited outside git, or this branch is behind; applying takes the edit "
        "back. To keep it: mbflow import menu"
    )
    assert not change.hazards[0].needs_allow


def test_both_were_edited():
    change = three_way(OURS, THEIRS)
    assert kinds(change) == ["conflict"]
    assert str(change.hazards[0]) == (
        "both the file and the live flow changed since they were last the same; the "
        "live edit would be lost. To see both sides: mbflow import menu --show"
    )


def test_both_were_edited_to_the_same():
    assert three_way(OURS, OURS) is None


def test_without_a_lock_the_base_is_not_known():
    change = three_way(OURS, THEIRS, base=None)
    assert kinds(change) == []
    assert not change.base_known


def test_an_entry_without_digests_is_no_base():
    entries = {"menu": entry("1", SENT, sent=False, answered=False)}
    parts = wanted("menu", OURS), live("1", THEIRS, marked="menu")
    change = only(*parts, entries=entries)
    assert kinds(change) == []
    assert not change.base_known


def test_what_the_service_made_of_it_is_the_base():
    """It writes another voice than was sent, and that stays a difference; nobody edited it."""
    answered = flow(say("Welcome.", voice="male"), hangup(), title="Menu")
    digests = digest(canonical(SENT)), digest(canonical(answered))
    lock_entry = entry("1", SENT).__class__("1", *digests)
    parts = wanted("menu", OURS), live("1", answered, marked="menu")
    assert kinds(only(*parts, entries={"menu": lock_entry})) == []


@given(bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body), changed(body))))
def test_another_dress_is_no_outside_edit(drawn):
    body, other, edited = drawn
    entries = {"menu": entry("1", body)}
    parts = [wanted("menu", edited), LiveFlow("1", other)]
    assert "outside-edit" not in kinds(only(*parts, entries=entries))
    assert "conflict" not in kinds(only(*parts, entries=entries))


@given(bodies().flatmap(lambda body: st.tuples(st.just(body), changed(body))))
def test_every_change_of_the_live_flow_is_an_outside_edit(drawn):
    body, edited = drawn
    entries = {"menu": entry("1", body)}
    assert kinds(only(wanted("menu", body), LiveFlow("1", edited), entries=entries)) == [
        "outside-edit"
    ]


# default


def test_a_file_without_default_leaves_it_to_the_dashboard():
    assert three_way(SENT, {**SENT, **DEFAULT}) is None


def test_default_that_was_taken_away_is_an_outside_edit():
    change = three_way({**SENT, **DEFAULT}, SENT, base={**SENT, **DEFAULT})
    assert kinds(change) == ["outside-edit"]


def test_a_default_given_against_the_file_is_an_outside_edit():
    change = three_way({**SENT, "default": False}, {**SENT, **DEFAULT})
    assert kinds(change) == ["outside-edit", "default"]


def test_nobody_is_the_default_any_more():
    """No yes covers it: every number without a flow of its own would go dead."""
    change = three_way({**SENT, "default": False}, {**SENT, **DEFAULT}, base={**SENT, **DEFAULT})
    assert [(hazard.kind.value, hazard.needs_allow) for hazard in change.hazards] == [
        ("default", True)
    ]


def test_an_heir_takes_the_default_over():
    files = wanted("menu", {**SENT, "default": False}), wanted("other", {**OTHER, **DEFAULT})
    lives = live("1", {**SENT, **DEFAULT}, marked="menu"), live("2", OTHER, marked="other")
    found = differences(*files, *lives, entries={"menu": entry("1", {**SENT, **DEFAULT})})
    by_name = {change.name: kinds(change) for change in found.changes}
    assert by_name == {"menu": [], "other": ["default"]}


def test_managing_default_as_it_is_makes_no_conflict():
    """Nobody edited the flow: the file only begins to say what has been so all along."""
    assert kinds(three_way({**OURS, **DEFAULT}, {**SENT, **DEFAULT})) == []


def test_leaving_default_to_the_dashboard_makes_no_conflict():
    assert kinds(three_way(OURS, {**SENT, **DEFAULT}, base={**SENT, **DEFAULT})) == []


def test_another_flow_becomes_the_default():
    parts = wanted("menu", {**SENT, **DEFAULT}), live("1", SENT, marked="menu")
    change = only(*parts, live("2", {**OTHER, **DEFAULT}), entries={"menu": entry("1", SENT)})
    assert [str(hazard) for hazard in change.hazards] == [
        'takes over every number that has no flow of its own; until now that is 2 "Other"'
    ]
    assert kinds(change) == ["default"]


def test_the_first_default_flow_of_an_account_is_no_hazard():
    assert kinds(only(wanted("menu", {**SENT, **DEFAULT}), live("2", OTHER))) == []


def test_a_default_flow_that_stays_the_default_is_no_hazard():
    change = three_way({**OURS, **DEFAULT}, {**SENT, **DEFAULT}, base={**SENT, **DEFAULT})
    assert kinds(change) == []


def test_two_files_want_to_be_the_default():
    found = differences(wanted("b", {**SENT, **DEFAULT}), wanted("a", {**OTHER, **DEFAULT}))
    assert [refusal.text for refusal in found.refusals] == [
        "Only one flow of an account can be the default, but 2 files say `default: true`: a, b."
    ]


# What each way of matching makes


def test_a_new_file_is_created():
    change = only(wanted("menu", SENT))
    assert (change.action, change.id, change.before, change.after) == ("create", "", None, SENT)
    assert change.digest == Form(SENT).state_digest
    assert change.preconditions.id == ""


def test_a_gone_flow_is_created_again_and_said():
    change = only(wanted("menu", SENT), entries={"menu": entry("1", SENT)})
    assert change.action == "create"
    assert kinds(change) == ["recreate"]
    assert str(change.hazards[0]) == (
        "the live flow in the lock is gone; a new one gets a new id, and numbers that led to the "
        "old one lead nowhere until they are led to it, in mbflow.yaml or with: mbflow numbers "
        "assign menu NUMBER"
    )


def test_a_twin_is_adopted():
    change = only(wanted("menu", SENT), live("1", SENT))
    assert (change.action, change.id, change.edits) == ("adopt", "1", ())


def test_a_flow_of_the_same_title_is_updated_where_asked_for():
    change = only(wanted("menu", OURS), live("1", SENT), match_title=True)
    assert change.action == "update"
    assert not change.base_known


def test_a_rename_is_a_move():
    parts = wanted("new", SENT, was="old"), live("1", SENT, marked="old")
    change = only(*parts, entries={"old": entry("1", SENT)})
    assert (change.action, change.was, change.edits) == ("move", "old", ())


def test_edits_ride_along_with_a_rename_and_know_their_base():
    parts = wanted("new", OURS, was="old"), live("1", THEIRS, marked="old")
    change = only(*parts, entries={"old": entry("1", SENT)})
    assert (change.action, change.was) == ("update", "old")
    assert kinds(change) == ["conflict"]


def test_the_base_is_that_of_the_flow_whatever_its_name_was():
    """`menu` was adopted from `old`, which has another flow by now."""
    found = changes(
        wanted("menu", OURS),
        wanted("old", OTHER),
        live("1", THEIRS, marked="old"),
        live("2", OTHER, marked="old"),
        entries={"menu": entry("1", SENT, sent=False), "old": entry("2", OTHER)},
    )
    assert found.keys() == {"menu"}
    assert (found["menu"].was, kinds(found["menu"])) == ("old", [])
    assert not found["menu"].base_known


def test_a_flow_moved_without_the_lock_written_has_a_base():
    parts = wanted("new", OURS, was="old"), live("1", THEIRS, marked="new")
    assert kinds(only(*parts, entries={"old": entry("1", SENT)})) == ["conflict"]


def test_a_change_says_what_it_stands_on():
    change = three_way(OURS, SENT)
    conditions = change.preconditions
    assert (conditions.id, conditions.updated_at) == ("1", "2026-01-02T03:04:05Z")
    assert conditions.digest == Form(SENT).state_digest
    assert change.before["updatedAt"] == "2026-01-02T03:04:05Z"
    assert [edit.text for edit in change.edits] == [
        'step 1 say: payload "Welcome." -> "Edited in git."'
    ]


def test_the_title_of_a_flow_without_one_is_the_live_one():
    assert only(wanted("menu", flow(pause(1))), live("1", SENT, marked="menu")).title == "Menu"


# Deletes


def surplus(body=SENT, *, base=SENT, protect=False, **rest):
    return only(
        live("1", body, marked="menu"),
        entries={"menu": entry("1", base, protect=protect)},
        **rest,
    )


def test_a_flow_without_a_file_is_deleted():
    change = surplus()
    assert (change.action, change.id, change.title) == ("delete", "1", "Menu")
    assert (change.after, change.hazards, change.declared) == (None, (), False)


def test_a_delete_of_an_edited_flow():
    change = surplus(THEIRS)
    assert kinds(change) == ["outside-edit"]
    assert str(change.hazards[0]) == (
        "it was edited outside git since it was last as its file said: mbflow flows get 1"
    )


def test_protection_is_remembered_when_the_file_is_gone():
    change = surplus(protect=True)
    assert kinds(change) == ["protected"]
    assert change.hazards[0].needs_allow


def test_protection_is_remembered_without_digests():
    entries = {"menu": entry("1", SENT, sent=False, answered=False, protect=True)}
    assert kinds(only(live("1", THEIRS, marked="menu"), entries=entries)) == ["protected"]


def test_a_delete_of_the_default_flow():
    change = surplus({**SENT, **DEFAULT})
    assert kinds(change) == ["default"]
    assert change.hazards[0].needs_allow


def test_a_declared_delete():
    assert surplus(removed={"menu"}).declared


def test_a_delete_by_base_says_that_its_base_is_not_known():
    change = only(live("1", SENT, marked="menu"), deleted={"menu"})
    assert change.action == "delete"
    assert not change.base_known


def test_an_orphan_is_no_change():
    assert changes(live("1", SENT, marked="menu")) == {}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (["31201234567"], "1 number would lead nowhere: 31201234567"),
        (["3120", "3121"], "2 numbers would lead nowhere: 3120, 3121"),
        (None, "its numbers cannot be read, so some may lead to it"),
    ],
)
def test_numbers_that_lead_to_the_flow(numbers, text):
    change = with_numbers(surplus(), numbers)
    (hazard,) = change.hazards
    assert (hazard.kind, hazard.text, hazard.needs_allow) == ("numbers", text, True)
    assert change.numbers == tuple(numbers or ())


def test_no_numbers_no_hazard():
    assert with_numbers(surplus(), []) == surplus()


# Renames that nobody declared


def test_a_delete_and_a_create_that_look_alike():
    found = changes(
        wanted("new", {**SENT, "title": "Main menu"}),
        live("1", SENT, marked="old"),
        entries={"old": entry("1", SENT)},
    )
    assert kinds(found["old"]) == ["similar-rename"]
    assert found["old"].hazards[0].text == (
        "new is to be created and looks like this flow. If it is the same flow under another "
        "name, keep its id: write `was: old` into the mbflow block of new"
    )
    assert kinds(found["new"]) == []


def test_of_several_the_most_alike_is_named():
    found = changes(
        wanted("a", flow(say("Welcome to the night desk."), hangup(), title="A")),
        wanted("b", flow(say("Welcome."), hangup(), title="B")),
        wanted("c", OTHER),
        live("1", SENT, marked="old"),
        entries={"old": entry("1", SENT)},
    )
    assert found["old"].hazards[0].text.startswith("b is to be created and looks like this flow")


def test_flows_that_are_not_alike_are_no_rename():
    found = changes(
        wanted("new", OTHER),
        live("1", SENT, marked="old"),
        entries={"old": entry("1", SENT)},
    )
    assert kinds(found["old"]) == []


def test_a_declared_delete_is_no_rename():
    found = changes(
        wanted("new", SENT),
        live("1", SENT, marked="old"),
        entries={"old": entry("1", SENT)},
        removed={"old"},
    )
    assert kinds(found["old"]) == []


# Secrets


def test_a_secret_that_got_another_value_is_no_edit_by_somebody():
    secrets = {"pin": "new-secret"}
    shown = flow(say("The code is ${pin}."), hangup(), title="Menu")
    before = flow(say("The code is old-secret."), hangup(), title="Menu")
    change = only(
        wanted("menu", flow(say("The code is new-secret.")), body=shown),
        live("1", before, marked="menu"),
        entries={"menu": entry("1", shown)},
        secrets=secrets,
    )
    assert kinds(change) == []
    assert "old-secret" not in str(change)


def test_a_secret_does_not_hide_another_edit():
    secrets = {"pin": "new-secret"}
    shown = flow(say("The code is ${pin}."), hangup(), title="Menu")
    before = flow(say("The code is old-secret."), pause(9), hangup(), title="Menu")
    change = only(
        wanted("menu", flow(say("The code is new-secret.")), body=shown),
        live("1", before, marked="menu"),
        entries={"menu": entry("1", shown)},
        secrets=secrets,
    )
    assert kinds(change) == ["outside-edit"]


@given(bodies(), st.text("abcdefgh", min_size=4, max_size=8))
def test_no_secret_value_is_in_a_change(body, secret):
    secrets = {"pin": f"s3cret-{secret}"}
    body["steps"].append(say(f"The code is {secrets['pin']}."))
    found = live("1", flow(say(f"Call {secrets['pin']} or (s3cret-old)."), title="x"), marked="k")
    change = only(
        wanted("k", body, body=hide_body(body, secrets)),
        LiveFlow("1", hide_body(found.body, secrets)),
        secrets=secrets,
    )
    assert secrets["pin"] not in str(change)
    assert "${pin}" in str(change)


# Titles that lists do not show


def hidden(body):
    return {name: value for name, value in body.items() if name != "title"}


def test_a_title_that_is_not_shown_is_taken_to_be_as_wanted():
    parts = wanted("menu", SENT), live("1", hidden(SENT), marked="menu")
    assert changes(*parts, entries={"menu": entry("1", SENT)}, titles_hidden=True) == {}
    assert changes(*parts, titles_hidden=True) == {}


def test_a_new_title_is_sent_where_titles_are_not_shown():
    parts = wanted("menu", {**SENT, "title": "New"}), live("1", hidden(SENT), marked="menu")
    change = only(*parts, entries={"menu": entry("1", SENT)}, titles_hidden=True)
    assert change.action == "update"


def test_a_title_that_is_shown_counts():
    parts = wanted("menu", SENT), live("1", hidden(SENT), marked="menu")
    assert only(*parts, entries={"menu": entry("1", SENT)}).action == "update"


@pytest.mark.parametrize("titles_hidden", [True, False])
def test_settled_is_what_git_and_the_service_say_alike(titles_hidden):
    file, found = wanted("menu", SENT), live("1", SENT)
    assert is_settled(file, found, entry("1", SENT), titles_hidden)
    assert not is_settled(file, live("1", THEIRS), entry("1", SENT), titles_hidden)
    assert not is_settled(wanted("menu", OURS), found, entry("1", SENT), titles_hidden)
    unshown = live("1", hidden(SENT))
    assert is_settled(file, unshown, entry("1", SENT), titles_hidden) == titles_hidden


# Order


def test_deletes_come_first_then_hazards_then_the_rest_by_name():
    entries = {name: entry(name, {**SENT, "title": name}) for name in "abcde"}
    found = differences(
        live("a", {**SENT, "title": "a"}, marked="a"),
        wanted("b", OTHER),
        live("b", {**SENT, "title": "b"}, marked="b"),
        wanted("c", {**SENT, "title": "c"}),
        live("c", {**THEIRS, "title": "c"}, marked="c"),
        wanted("d", {**SENT, "title": "d"}),
        live("d", {**SENT, "title": "d"}, marked="d"),
        wanted("e", {**SENT, "title": "e"}),
        live("e", {**SENT, "title": "e"}, marked="e"),
        wanted("0", flow(pause(1), title="0")),
        entries=entries,
    )
    assert [change.name for change in found.changes] == ["a", "c", "0", "b"]
    assert sorted(match.name for match in found.unchanged) == ["d", "e"]
