"""How a file meets a live flow: every way, and every stop where mbflow would have to guess."""

import re

import pytest
from builders import IDENTITY, entry, flow, hangup, known, live, pause, say, wanted, with_markers
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies

from mbflow.model.flow import LiveFlow, LockEntry
from mbflow.plan.diff import diff
from mbflow.plan.match import match
from mbflow.plan.renames import reused_names

MENU = flow(say("Welcome to Acme."), hangup(), title="Menu")
EDITED = flow(say("Welcome to Acme!"), pause(2), hangup(), title="Menu")
SALES = flow(say("This is sales."), title="Sales")


def ties(matches):
    return {name: (found.live.id, found.how.value) for name, found in matches.matched.items()}


def ids(flows):
    return sorted(flow.id for flow in flows)


def refusals(matches):
    return [refusal.text for refusal in matches.refusals]


def ways_out(refusal):
    return tuple(map(str, refusal.commands))


def only_refusal(matches):
    (refusal,) = matches.refusals
    return refusal


def reused(seen, *targets):
    """Texts and commands of the refusals of a plan for these targets, or for all."""
    changes = diff(seen, match(seen), secrets={}).changes
    planned = [change for change in changes if not targets or change.name in targets]
    return [
        (one.text, tuple(map(str, one.commands))) for one in reused_names(changes, planned, seen)
    ]


# Lock


def test_the_lock_ties_a_name_whatever_the_flow_says():
    found = match(
        known(wanted("menu", EDITED), live("1", SALES), entries={"menu": entry("1", MENU)})
    )
    assert ties(found) == {"menu": ("1", "lock")}
    assert not found.new
    assert not found.refusals


def test_a_marked_flow_needs_no_lock():
    found = match(known(wanted("menu", EDITED), live("1", MENU, marked="menu")))
    assert ties(found) == {"menu": ("1", "marker")}


def test_one_surviving_marker_is_enough():
    body = with_markers(MENU, "menu")
    body["steps"][0] = say("Rewritten in the dashboard.", id="theirs")
    found = match(known(wanted("menu", MENU), live("1", body)))
    assert ties(found) == {"menu": ("1", "marker")}


def test_the_lock_wins_over_markers_and_the_copy_is_reported():
    found = match(
        known(
            wanted("menu", MENU),
            live("1", MENU, marked="menu"),
            live("2", MENU, marked="menu"),
            entries={"menu": entry("1", MENU)},
        )
    )
    assert ties(found) == {"menu": ("1", "lock")}
    assert ids(found.copies) == ["2"]
    assert not found.refusals


def test_several_candidates_without_a_lock_are_never_guessed():
    found = match(
        known(wanted("menu", MENU), live("1", MENU, marked="menu"), live("2", MENU, marked="menu"))
    )
    refusal = only_refusal(found)
    assert refusal.text == ("2 live flows carry the markers of menu: 1, 2. Say which one it is.")
    assert ways_out(refusal) == ("mbflow adopt menu 1", "mbflow adopt menu 2")
    assert not found.matched


def test_candidates_of_a_former_name_are_offered():
    renamed = wanted("new", MENU, was="menu")
    both = [live("1", MENU, marked="menu"), live("2", MENU, marked="menu")]
    refusal = only_refusal(match(known(renamed, *both)))
    assert ways_out(refusal) == ("mbflow adopt new 1", "mbflow adopt new 2")


def test_markers_of_two_names_in_one_flow():
    both = with_markers(flow(say("one")), "menu")
    both["steps"] += with_markers(flow(say("two")), "sales")["steps"]
    found = match(known(wanted("menu", MENU), wanted("sales", SALES), live("1", both)))
    assert refusals(found)[0] == (
        "The live flow 1 carries the markers of two names: menu and sales. Somebody may have "
        "copied steps from one flow into another. Say whose it is."
    )
    assert ways_out(found.refusals[0]) == ("mbflow adopt menu 1", "mbflow adopt sales 1")


def test_markers_of_two_names_without_files_are_nobodys_question():
    """There is no file to adopt the flow for, and nothing is to be done with it."""
    both = with_markers(flow(say("one")), "menu")
    both["steps"] += with_markers(flow(say("two")), "sales")["steps"]
    found = match(known(wanted("other", EDITED), live("1", both)))
    assert ids(found.orphans) == ["1"]
    assert not found.refusals


def test_adopting_settles_markers_of_two_names():
    both = with_markers(flow(say("one")), "menu")
    both["steps"] += with_markers(flow(say("two")), "sales")["steps"]
    adopted = {"menu": entry("1", both, sent=False)}
    found = match(known(wanted("menu", MENU), live("1", both), entries=adopted))
    assert ties(found) == {"menu": ("1", "move")}
    assert not found.refusals


@pytest.mark.parametrize("where", [{"project": "other"}, {"identity": "staging"}])
def test_flows_of_another_project_or_environment_are_unmanaged(where):
    found = match(known(wanted("menu", MENU), live("1", MENU, marked="menu", **where)))
    assert ids(found.unmanaged) == ["1"]
    assert found.new == ["menu"], "a flow that another project made is no twin"
    assert not found.refusals


def test_markers_of_a_former_project_name_still_count():
    marked = live("1", MENU, marked="menu", project="acme-voice")
    found = match(known(wanted("menu", MENU), marked, former_names=("acme-voice",)))
    assert ties(found) == {"menu": ("1", "marker")}


def test_the_lock_disagrees_with_the_markers():
    found = match(
        known(
            wanted("menu", MENU),
            live("1", MENU, marked="billing/menu"),
            entries={"menu": entry("1", MENU)},
            deleted={"billing/menu"},
        )
    )
    refusal = only_refusal(found)
    assert refusal.text == (
        "The lock says that the flow 1 is menu, but its markers say billing/menu. Your branch "
        "may be behind the one that moved it: merge that first. If the markers are wrong, "
        "adopt it again."
    )
    assert ways_out(refusal) == ("mbflow adopt menu 1",)
    assert not found.matched


def test_lock_and_markers_disagree_on_a_name_without_file():
    """`adopt` needs a file, so it is no way out."""
    found = match(known(live("1", MENU, marked="x"), entries={"menu": entry("1", MENU)}))
    refusal = only_refusal(found)
    assert refusal.text.endswith("menu has no file: forget it, and the flow is left alone.")
    assert ways_out(refusal) == ("mbflow forget menu",)


def test_markers_of_a_name_that_nobody_knows_are_shown_as_bits():
    locked = {"menu": entry("1", MENU)}
    found = match(known(wanted("menu", MENU), live("1", MENU, marked="x/y"), entries=locked))
    assert re.search("its markers say unknown name [0-9a-f]{12}\\.", only_refusal(found).text)


def test_an_adopted_flow_gets_new_markers():
    adopted = {"menu": entry("1", MENU, sent=False)}
    found = match(known(wanted("menu", MENU), live("1", MENU, marked="old"), entries=adopted))
    assert ties(found) == {"menu": ("1", "move")}
    assert not found.refusals


def test_a_lock_without_digests_is_not_taken_for_an_adoption():
    """After an upgrade of mbflow no digest counts; a flow that moved meanwhile stays moved."""
    unknown = {"menu": entry("1", MENU, sent=False, answered=False)}
    found = match(known(wanted("menu", MENU), live("1", MENU, marked="old"), entries=unknown))
    assert "its markers say" in only_refusal(found).text


def test_one_flow_under_two_names_of_the_lock_is_refused_once():
    entries = {"menu": entry("1", MENU), "old": entry("1", MENU)}
    marked = live("1", MENU, marked="menu")
    assert ways_out(only_refusal(match(known(wanted("menu", MENU), marked, entries=entries)))) == (
        "mbflow forget menu",
        "mbflow forget old",
    )


def test_one_flow_under_two_names_of_the_lock():
    entries = {"menu": entry("1", MENU), "sales": entry("1", MENU)}
    found = match(known(wanted("menu", MENU), live("1", MENU), entries=entries))
    assert refusals(found) == ["The lock gives the flow 1 to several names: menu, sales."]


# Gone flows


def test_a_locked_flow_that_is_gone_is_created_again():
    found = match(known(wanted("menu", MENU), entries={"menu": entry("1", MENU)}))
    assert found.new == ["menu"]
    assert found.recreate == {"menu"}


def test_half_of_the_locked_flows_are_missing():
    entries = {name: entry(name, MENU) for name in ("a", "b", "c", "d")}
    parts = [wanted(name, MENU) for name in entries]
    found = match(known(*parts, live("a", MENU), live("b", MENU), entries=entries))
    refusal = only_refusal(found)
    assert refusal.text == (
        "2 of the 4 live flows in the lock are not in this account. Is this the access key of "
        "another account? If they are really gone, forget their names: apply will then create them."
    )
    assert ways_out(refusal) == ("mbflow forget c d",)


def test_less_than_half_or_a_single_one_may_be_missing():
    entries = {name: entry(name, MENU) for name in ("a", "b", "c", "d", "e")}
    parts = [wanted(name, MENU) for name in entries]
    some = match(known(*parts, *(live(name, MENU) for name in "abc"), entries=entries))
    assert not some.refusals
    assert some.recreate == {"d", "e"}
    one = match(known(wanted("a", MENU), entries={"a": entry("a", MENU)}))
    assert not one.refusals


def test_a_flow_recreated_by_hand_is_no_second_one():
    found = match(known(wanted("menu", MENU), live("2", MENU), entries={"menu": entry("1", MENU)}))
    assert ties(found) == {"menu": ("2", "twin")}


def test_a_gone_flow_with_its_title_elsewhere_is_refused():
    found = match(
        known(wanted("menu", MENU), live("2", EDITED), entries={"menu": entry("1", MENU)})
    )
    assert only_refusal(found).text.startswith("menu would be created, but there is a live flow")


def test_a_name_with_neither_file_nor_flow_has_vanished():
    found = match(known(entries={"menu": entry("1", MENU)}))
    assert found.vanished == ["menu"]
    assert not found.surplus


# Twins


def test_a_twin_is_adopted():
    found = match(known(wanted("menu", MENU), live("1", MENU)))
    assert ties(found) == {"menu": ("1", "twin")}
    assert not found.unmanaged


@given(bodies())
def test_a_flow_is_its_own_twin(body):
    body.pop("default", None)
    for step in body["steps"]:
        step.pop("id", None)
        step.pop("onKeypressGoto", None)
    found = match(known(wanted("menu", body), live("1", body)))
    assert ties(found) == {"menu": ("1", "twin")}


def test_one_title_and_another_body_is_refused_with_ways_out():
    found = match(known(wanted("menu", EDITED), live("1", MENU), live("2", MENU)))
    refusal = only_refusal(found)
    assert refusal.text == (
        'menu would be created, but there are live flows with the title "Menu" that mbflow did '
        "not make: 1, 2. Connect the file to it, and keep what the file says or what is live; or "
        "plan to take it over; or give the file another title."
    )
    assert ways_out(refusal) == (
        "mbflow adopt menu 1",
        "mbflow adopt menu 2",
        "mbflow import 1 --as menu --force",
        "mbflow plan --match-title --out plan.json",
    )
    assert not found.matched


def test_all_collisions_are_said_at_once():
    other = flow(pause(1), title="Sales")
    parts = [wanted("menu", EDITED), wanted("sales", other), live("1", MENU), live("2", SALES)]
    assert len(match(known(*parts)).refusals) == 2


def test_several_twins_are_refused():
    found = match(known(wanted("menu", MENU), live("1", MENU), live("2", MENU)))
    refusal = only_refusal(found)
    assert "there are live flows" in refusal.text
    assert ": 1, 2." in refusal.text


def test_two_files_of_one_twin_are_refused():
    found = match(known(wanted("a", MENU), wanted("b", MENU), live("1", MENU)))
    assert len(found.refusals) == 2
    assert "(a is not the only file like it: b)" in refusals(found)[0]


def test_an_adopted_flow_is_not_in_the_way_of_another_file():
    for parts in (
        [wanted("a", MENU), wanted("b", EDITED)],
        [wanted("a", EDITED), wanted("b", MENU)],
    ):
        found = match(known(*parts, live("1", MENU)))
        assert not found.refusals
        assert len(found.matched) == len(found.new) == 1


def test_match_title_takes_over_a_flow_with_another_body():
    found = match(known(wanted("menu", EDITED), live("1", MENU), match_title=True))
    assert ties(found) == {"menu": ("1", "title")}


def test_match_title_does_not_choose_between_several():
    found = match(known(wanted("menu", EDITED), live("1", MENU), live("2", MENU), match_title=True))
    assert only_refusal(found).text.startswith("menu would be created")


def test_another_title_is_no_collision():
    found = match(known(wanted("menu", MENU), live("1", SALES)))
    assert found.new == ["menu"]
    assert ids(found.unmanaged) == ["1"]


def test_flows_without_a_title_are_told_by_their_body():
    body = flow(say("Hello."))
    assert ties(match(known(wanted("a", body), live("1", body)))) == {"a": ("1", "twin")}
    assert match(known(wanted("a", body), live("1", flow(pause(1))))).new == ["a"]


def test_a_twin_that_is_the_default_flow_is_a_twin():
    found = match(known(wanted("menu", MENU), live("1", {**MENU, "default": True})))
    assert ties(found) == {"menu": ("1", "twin")}


# Renames


def test_a_declared_rename_keeps_the_flow():
    found = match(
        known(
            wanted("sales/menu", EDITED, was="menu"),
            live("1", MENU, marked="menu"),
            entries={"menu": entry("1", MENU)},
        )
    )
    assert ties(found) == {"sales/menu": ("1", "move")}
    assert found.matched["sales/menu"].was == "menu"
    assert not found.surplus


def test_a_declared_rename_without_a_lock_goes_by_the_markers():
    found = match(known(wanted("new", EDITED, was="menu"), live("1", MENU, marked="menu")))
    assert ties(found) == {"new": ("1", "move")}


def test_a_declared_rename_of_several_candidates_is_refused():
    parts = [wanted("new", EDITED, was="menu")]
    parts += [live(flow_id, MENU, marked="menu") for flow_id in "12"]
    assert "2 live flows carry the markers of menu" in only_refusal(match(known(*parts))).text


def test_a_declaration_of_long_ago_does_nothing():
    found = match(
        known(
            wanted("new", MENU, was="old"),
            live("1", MENU, marked="new"),
            entries={"new": entry("1", MENU)},
        )
    )
    assert ties(found) == {"new": ("1", "lock")}


@pytest.mark.parametrize("menu", [flow(pause(1), title="Other"), EDITED])
@pytest.mark.parametrize("sales", [MENU, SALES])
def test_an_old_name_is_not_used_in_the_plan_that_moves_it(menu, sales):
    """`menu` moves to `sales`, and a new file stands at `menu`; or the declaration is an old one,
    and the file `menu` was edited.
    """
    seen = known(
        wanted("menu", menu),
        wanted("sales", sales, was="menu"),
        live("1", MENU, marked="menu"),
        entries={"menu": entry("1", MENU)},
    )
    refusal = (
        "flows/sales.yaml takes over the live flow 1 of menu, and flows/menu.yaml needs the name "
        "menu for another flow. Apply the move of sales first, or remove `was: menu` from it if "
        "that is an old one.",
        ("mbflow apply --target sales",),
    )
    assert reused(seen) == reused(seen, "menu") == reused(seen, "menu", "sales") == [refusal]
    assert reused(seen, "sales") == []
    assert ties(match(seen)) == {"sales": ("1", "move")}


def test_a_flow_adopted_from_a_name_with_a_file_moves_first():
    adopted = LockEntry("1", "", entry("1", MENU).live)
    seen = known(
        wanted("menu", EDITED),
        wanted("sales", MENU),
        live("1", MENU, marked="menu"),
        entries={"sales": adopted},
    )
    ((text, commands),) = reused(seen)
    assert text.endswith("Apply the move of sales first.")
    assert commands == ("mbflow apply --target sales",)
    assert reused(seen, "sales") == []


def test_a_name_may_change_while_a_copy_moves_away():
    adopted = LockEntry("2", "", entry("2", MENU).live)
    seen = known(
        wanted("menu", EDITED),
        wanted("copy", MENU),
        live("1", MENU, marked="menu"),
        live("2", MENU, marked="menu"),
        entries={"menu": entry("1", MENU), "copy": adopted},
    )
    assert ties(match(seen)) == {"menu": ("1", "lock"), "copy": ("2", "move")}
    assert reused(seen) == []


def test_a_declaration_of_long_ago_is_no_matter():
    """Somebody edited the flow of `menu` in the dashboard."""
    found = match(
        known(
            wanted("menu", MENU),
            wanted("sales", SALES, was="menu"),
            live("1", EDITED, marked="menu"),
            entries={"menu": entry("1", MENU)},
        )
    )
    assert ties(found) == {"menu": ("1", "lock")}
    assert found.new == ["sales"]


def test_two_files_that_declare_one_rename():
    found = match(
        known(
            wanted("a", MENU, was="menu"),
            wanted("b", MENU, was="menu"),
            live("1", MENU, marked="menu"),
            entries={"menu": entry("1", MENU)},
        )
    )
    refusal = only_refusal(found)
    assert refusal.text == (
        "a and b say `was: menu`, and only one of them can have the live flow 1. Say which one."
    )
    assert ways_out(refusal) == ("mbflow adopt a 1", "mbflow adopt b 1")


def test_a_flow_that_moved_already_does_not_move_again():
    """A run moved `old` to `new` and was killed; another file declares the same."""
    found = match(
        known(
            wanted("new", MENU, was="old"),
            wanted("other", SALES, was="old"),
            live("1", MENU, marked="new"),
            entries={"old": entry("1", MENU)},
        )
    )
    assert ties(found) == {"new": ("1", "marker")}
    assert found.new == ["other"]


@pytest.mark.parametrize("is_locked", [True, False])
def test_a_chain_of_renames_is_made_from_its_end(is_locked):
    """`a` becomes `b` while `b` becomes `c`."""
    files = [wanted("b", MENU, was="a"), wanted("c", SALES, was="b")]
    entries = {"a": entry("1", MENU), "b": entry("2", SALES)} if is_locked else {}
    both = [live("1", MENU, marked="a"), live("2", SALES, marked="b")]
    seen = known(*files, *both, entries=entries)
    ((text, commands),) = reused(seen)
    assert text.startswith("flows/c.yaml takes over the live flow 2 of b, and flows/b.yaml needs")
    assert commands == ("mbflow apply --target c",)
    assert reused(seen, "c") == []
    entries = {"a": entry("1", MENU), "c": entry("2", SALES)} if is_locked else {}
    seen = known(*files, both[0], live("2", SALES, marked="c"), entries=entries)
    assert reused(seen) == []
    assert {name: tie[0] for name, tie in ties(match(seen)).items()} == {"b": "1", "c": "2"}


def test_a_name_that_is_used_again_passes_its_flow_on_only_once():
    """`c` takes the flow of `b`, so there is none for `d`, which names `c`."""
    seen = known(
        wanted("b", EDITED),
        wanted("c", SALES, was="b"),
        wanted("d", flow(pause(1), title="D"), was="c"),
        live("2", MENU, marked="b"),
        entries={"b": entry("2", MENU)},
    )
    found = match(seen)
    assert ties(found) == {"c": ("2", "move")}
    assert found.new == ["b", "d"]
    assert len(reused(seen)) == 1


def test_a_chain_that_is_done_stays_done():
    found = match(
        known(
            wanted("b", MENU, was="a"),
            wanted("c", SALES, was="b"),
            live("1", MENU, marked="b"),
            live("2", SALES, marked="c"),
            entries={"b": entry("1", MENU), "c": entry("2", SALES)},
        )
    )
    assert ties(found) == {"b": ("1", "lock"), "c": ("2", "lock")}


def test_an_undeclared_rename_is_recognised():
    found = match(
        known(
            wanted("new", MENU),
            live("1", MENU, marked="old"),
            entries={"old": entry("1", MENU)},
        )
    )
    assert ties(found) == {"new": ("1", "move")}
    assert found.matched["new"].was == "old"


def test_an_edited_flow_is_not_recognised():
    found = match(
        known(
            wanted("new", EDITED),
            live("1", MENU, marked="old"),
            entries={"old": entry("1", MENU)},
        )
    )
    assert found.new == ["new"]
    assert found.surplus.keys() == {"old"}


def test_two_new_files_of_one_body_are_not_recognised():
    found = match(
        known(
            wanted("new", MENU),
            wanted("newer", MENU),
            live("1", MENU, marked="old"),
            entries={"old": entry("1", MENU)},
        )
    )
    assert found.new == ["new", "newer"]


def test_two_gone_flows_of_one_body_are_not_recognised():
    entries = {"old": entry("1", MENU), "older": entry("2", MENU)}
    parts = [live("1", MENU, marked="old"), live("2", MENU, marked="older")]
    found = match(known(wanted("new", MENU), *parts, entries=entries))
    assert found.new == ["new"]
    assert found.surplus.keys() == {"old", "older"}


def test_a_removed_flow_is_not_recognised_as_a_rename():
    found = match(
        known(
            wanted("new", MENU),
            live("1", MENU, marked="old"),
            entries={"old": entry("1", MENU)},
            removed={"old"},
        )
    )
    assert found.new == ["new"]
    assert found.surplus.keys() == {"old"}


def test_a_flow_moved_by_a_run_that_did_not_write_the_lock():
    found = match(
        known(
            wanted("new", MENU, was="old"),
            live("1", MENU, marked="new"),
            entries={"old": entry("1", MENU)},
        )
    )
    assert ties(found) == {"new": ("1", "marker")}
    assert not found.refusals


def test_a_flow_moved_before_the_markers_were_written():
    """The lock was merged from the branch that moved it; the account is behind."""
    found = match(
        known(
            wanted("new", MENU, was="old"),
            live("1", MENU, marked="old"),
            entries={"new": entry("1", MENU)},
        )
    )
    assert ties(found) == {"new": ("1", "lock")}


# Ownership


def test_an_owned_flow_without_a_file_is_surplus():
    found = match(known(live("1", MENU, marked="menu"), entries={"menu": entry("1", MENU)}))
    assert found.surplus.keys() == {"menu"}


def test_a_marked_flow_that_git_never_had_here_is_an_orphan():
    found = match(known(live("1", MENU, marked="menu")))
    assert ids(found.orphans) == ["1"]
    assert not found.surplus


@pytest.mark.parametrize("how", ["removed", "deleted"])
def test_a_marked_flow_is_owned_where_git_had_its_name(how):
    found = match(known(live("1", MENU, marked="menu"), **{how: {"menu"}}))
    assert found.surplus.keys() == {"menu"}


@pytest.mark.parametrize("how", ["removed", "deleted"])
def test_two_flows_of_such_a_name_are_orphans(how):
    parts = [live(flow_id, MENU, marked="menu") for flow_id in "12"]
    found = match(known(*parts, **{how: {"menu"}}))
    assert ids(found.orphans) == ["1", "2"]


def test_a_copy_of_an_owned_flow_is_not_deleted_for_its_sake():
    parts = [live(flow_id, MENU, marked="menu") for flow_id in "12"]
    found = match(known(*parts, entries={"menu": entry("1", MENU)}, removed={"menu"}))
    assert {flow.id for flow in found.surplus.values()} == {"1"}
    assert ids(found.orphans) == ["2"]


def test_a_broken_file_keeps_its_flow():
    for rest in ({"entries": {"menu": entry("1", MENU)}}, {"deleted": {"menu"}}, {}):
        found = match(known(live("1", MENU, marked="menu"), broken={"menu"}, **rest))
        assert not found.surplus
        assert not found.orphans
        assert not found.vanished
        assert not found.new


def test_a_flow_without_our_markers_is_unmanaged():
    strange = LiveFlow("1", {"id": "1", "steps": [None, {"id": 3}, {"action": ["x"]}]})
    found = match(known(strange, LiveFlow("2", {"id": "2"})))
    assert ids(found.unmanaged) == ["1", "2"]


@pytest.mark.parametrize("body", [MENU, {**EDITED, "title": MENU["title"]}])
def test_a_new_file_with_the_title_of_an_orphan_makes_no_twin(body):
    """It may be the same flow, forgotten and taken up again; or that of another branch."""
    found = match(known(wanted("new", body), live("1", MENU, marked="gone")))
    assert ids(found.orphans) == ["1"] and not found.matched
    (refusal,) = found.refusals
    assert refusal.text.startswith(
        f'new would be created, but there is a live flow with the title "{MENU["title"]}" that '
        "mbflow made and that no file here has: 1. It was forgotten, or belongs to another branch. "
    )
    assert ways_out(refusal) == ("mbflow adopt new 1", "mbflow import 1 --as new --force")
    adopted = {"new": LockEntry("1", "", "0123456789abcdef")}
    assert (
        match(known(wanted("new", body), live("1", MENU, marked="gone"), entries=adopted)).refusals
        == []
    )


def test_a_file_without_a_title_is_like_no_orphan():
    untitled = {name: value for name, value in MENU.items() if name != "title"}
    found = match(known(wanted("new", untitled), live("1", untitled, marked="gone")))
    assert found.new == ["new"] and not found.refusals


def test_the_former_flow_of_an_adopted_name_is_an_orphan_no_twin():
    """The lock names flow 2; flow 1 still carries the markers."""
    found = match(
        known(
            wanted("menu", MENU),
            live("1", MENU, marked="menu"),
            live("2", MENU),
            entries={"menu": entry("2", MENU)},
        )
    )
    assert ties(found) == {"menu": ("2", "lock")}
    assert ids(found.copies) == ["1"]


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_the_files_does_not_matter(order):
    files = {
        "a": wanted("a", MENU),
        "b": wanted("b", EDITED),
        "c": wanted("c", SALES, was="gone"),
    }
    parts = [live("1", MENU), live("2", SALES, marked="gone"), live("3", EDITED, marked="b")]
    found = match(known(*(files[name] for name in order), *parts))
    assert ties(found) == {"a": ("1", "twin"), "b": ("3", "marker"), "c": ("2", "move")}


def test_markers_are_made_of_the_environments_identity():
    assert IDENTITY == "production"
