"""What a plan needs before it is applied: every rule stops a run, and something lets it through."""

import pytest
from builders import flow, plan_of, say

from mbflow.apply.approve import Consent, counted_deletes, enough, missing, needs_delete_count
from mbflow.plan.model import Change, ChangeKind, Hazard, HazardKind

EDITED = Hazard(HazardKind.OUTSIDE_EDIT, "it was edited")
PROTECTED = Hazard(HazardKind.PROTECTED, "it is protected", needs_allow=True)
YES = Consent(reviewed=True)
AUTO = Consent(reviewed=False)


def update(name="menu", *hazards):
    return Change(name, ChangeKind.UPDATE, id=name, hazards=hazards)


def create(name, *hazards):
    return Change(name, ChangeKind.CREATE, after=flow(say("x")), hazards=hazards)


def delete(name, *hazards, declared=False):
    return Change(name, ChangeKind.DELETE, id=name, hazards=hazards, declared=declared)


def deletes(count, **rest):
    return [delete(f"gone-{number}", **rest) for number in range(count)]


def gaps(consent, *changes, owned=100, files=True, allowed=()):
    plan = plan_of(*changes, owned=owned, allowed=allowed)
    return [(r.text, *map(str, r.commands)) for r in missing(plan, consent, has_flow_files=files)]


def consent(reviewed, *, allow=(), deletes=None):
    return Consent(reviewed, frozenset(allow), deletes)


@pytest.mark.parametrize("said", [YES, AUTO])
def test_changes_without_hazards_need_nothing_more(said):
    assert gaps(said, update(), create("new")) == []


# Hazards


def test_a_yes_covers_a_hazard_that_it_was_shown_with():
    assert gaps(YES, update("menu", EDITED)) == []


def test_auto_approve_covers_no_hazard():
    assert gaps(AUTO, update("menu", EDITED)) == [
        ("update menu: outside-edit: it was edited", "--allow menu")
    ]


@pytest.mark.parametrize("kind", list(HazardKind))
def test_no_hazard_passes_with_auto_approve(kind):
    hazard = Hazard(kind, "why")
    assert gaps(AUTO, update("menu", hazard)) == [
        (f"update menu: {kind.value}: why", "--allow menu")
    ]
    assert gaps(consent(False, allow=["menu"]), update("menu", hazard)) == []


@pytest.mark.parametrize("reviewed", [True, False])
def test_what_needs_allow_is_covered_by_nothing_else(reviewed):
    (gap,) = gaps(consent(reviewed, deletes=1), delete("menu", PROTECTED))
    assert gap == ("delete menu: protected: it is protected", "--allow menu")
    assert gaps(consent(reviewed, allow=["menu"], deletes=1), delete("menu", PROTECTED)) == []


def test_a_yes_leaves_only_what_needs_allow():
    (gap,) = gaps(consent(True, deletes=1), delete("menu", EDITED, PROTECTED))
    assert gap == ("delete menu: protected: it is protected", "--allow menu")


def test_the_name_of_another_flow_covers_nothing():
    assert len(gaps(consent(False, allow=["other"]), update("menu", EDITED))) == 1


def test_what_was_allowed_when_the_plan_was_made_stays_allowed():
    assert gaps(AUTO, update("menu", EDITED), allowed=("menu",)) == []


def test_everything_is_said_at_once():
    found = gaps(AUTO, update("a", EDITED), update("b", EDITED, EDITED), *deletes(2))
    assert found == [
        ("update a: outside-edit: it was edited", "--allow a"),
        ("update b: outside-edit: it was edited; outside-edit: it was edited", "--allow b"),
        (
            "The plan deletes 2 of 100 flows of this project: gone-0, gone-1. Confirm the number, "
            "or list the names under `removed:` in mbflow.yaml and plan again.",
            "--allow-deletes 2",
        ),
    ]


# Deletes


@pytest.mark.parametrize(("count", "owned"), [(1, 3), (2, 5), (2, 100)])
def test_a_yes_covers_few_deletes(count, owned):
    assert gaps(YES, *deletes(count), owned=owned) == []


@pytest.mark.parametrize(("count", "owned"), [(3, 100), (1, 1), (1, 2), (2, 3), (2, 4)])
def test_three_deletes_or_half_of_the_flows_need_their_number(count, owned):
    (gap,) = gaps(YES, *deletes(count), owned=owned)
    assert gap[0].startswith(f"The plan deletes {count} of {owned} flows of this project: gone-0")
    assert gap[1:] == (f"--allow-deletes {count}",)
    assert gaps(consent(True, deletes=count), *deletes(count), owned=owned) == []


def test_auto_approve_needs_the_number_of_every_delete():
    assert len(gaps(AUTO, *deletes(1))) == 1
    assert gaps(consent(False, deletes=1), *deletes(1)) == []


@pytest.mark.parametrize("number", [0, 1, 3, 4])
@pytest.mark.parametrize("reviewed", [True, False])
def test_the_number_is_exact(number, reviewed):
    assert gaps(consent(reviewed, deletes=number), *deletes(2)) == [
        (
            f"--allow-deletes {number} does not match: the plan deletes 2.",
            "--allow-deletes 2",
        )
    ]


def test_a_number_without_deletes_does_not_fit_either():
    assert len(gaps(consent(True, deletes=1), update())) == 1
    assert gaps(consent(True, deletes=0), update()) == []


def test_declared_deletes_are_not_counted():
    changes = [*deletes(9, declared=True), delete("gone")]
    assert gaps(YES, *changes) == []
    assert [change.name for change in counted_deletes(plan_of(*changes))] == ["gone"]
    assert gaps(consent(False, deletes=1), *changes) == []


def test_declared_deletes_alone_need_no_number_even_unseen():
    assert gaps(AUTO, *deletes(9, declared=True)) == []


def test_a_declared_delete_of_a_protected_flow_still_needs_allow():
    assert len(gaps(YES, delete("menu", PROTECTED, declared=True))) == 1


def test_without_any_flow_file_nothing_lets_deletes_through():
    everything = consent(True, allow=["gone-0"], deletes=1)
    for changes in (deletes(1), deletes(1, declared=True)):
        assert gaps(everything, *changes, files=False) == [
            (
                "There is no flow file at all, so every flow of this project would be deleted. "
                "That is always refused: check the folder and the branch you are on.",
            )
        ]


def test_without_any_flow_file_and_nothing_to_delete_all_is_well():
    assert gaps(AUTO, files=False) == []


def test_the_view_asks_the_same_question():
    assert needs_delete_count(plan_of(*deletes(3), owned=100), reviewed=True)
    assert not needs_delete_count(plan_of(*deletes(2), owned=100), reviewed=True)
    assert not needs_delete_count(plan_of(update(), owned=0), reviewed=False)


# All of it together


PLAN = (update("menu", EDITED), update("known", EDITED), delete("a", PROTECTED), delete("b"))


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (AUTO, consent(False, allow=["menu", "a"], deletes=2)),
        (
            consent(False, allow=["b"], deletes=1),
            consent(False, allow=["menu", "a", "b"], deletes=2),
        ),
        (YES, consent(True, allow=["a"])),
        (consent(True, deletes=9), consent(True, allow=["a"], deletes=2)),
    ],
)
def test_what_is_said_to_be_enough_is_enough(said, then):
    plan = plan_of(*PLAN, owned=100, allowed=("known",))
    assert missing(plan, said, has_flow_files=True)
    assert enough(plan, said) == then
    assert missing(plan, then, has_flow_files=True) == []
