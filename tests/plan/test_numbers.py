"""Numbers held against an account: what would be led where, what is asked for, what is a hazard."""

import json

import pytest
from apply.world import ENDPOINT, NUMBERS, Killed, killed_at, say

from mbflow.api.errors import ApiError
from mbflow.apply.approve import Consent, MoreNeeded, missing
from mbflow.model.errors import ProblemsError, RefusedError, UsageError
from mbflow.plan.document import plan_json
from mbflow.views.plan import plan_text

ONE, TWO = NUMBERS[1], NUMBERS[2]


@pytest.fixture
def led(world, repo):
    """Flows a, b and c are live; number one leads to a, by git."""
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.numbers(n1="a")
    repo.apply()
    assert world.leads() == {ONE: ["A"]}
    return repo


def hazards(repo, **wishes):
    """Kind to text of the hazards of the only number that would be led."""
    (change,) = repo.plan(**wishes).plan.numbers
    return {hazard.kind.value: str(hazard) for hazard in change.hazards}


def ends(change):
    return (change.former.label if change.former else None, change.to.label)


def notes(repo):
    return [note for note in repo.plan().plan.notes if "mbflow.yaml" in note]


# What is planned


def test_a_number_that_is_right_is_no_change(led):
    plan = led.plan()
    assert plan.plan.everything == ()
    assert plan.numbers.wanted[ONE].name == "a"


def test_a_number_that_leads_elsewhere(world, led):
    led.numbers(n1="b")
    (change,) = led.plan().plan.numbers
    assert ends(change) == ("a", "b")
    assert (change.to.id, change.former.id) == (world.id_of("B"), world.id_of("A"))
    assert (change.to.title, change.former.title, change.hazards) == ("B", "A", ())


def test_a_number_that_leads_nowhere(led):
    led.numbers(n1="a", n2="b")
    (change,) = led.plan().plan.numbers
    assert (change.number, ends(change), change.hazards) == (TWO, (None, "b"), ())


def test_numbers_that_are_not_named_are_left_alone(world, led):
    world.lead("C", TWO)
    assert led.pending() == []
    led.numbers(n1="b")
    led.apply()
    assert world.leads() == {ONE: ["B"], TWO: ["C"]}


def test_a_number_of_a_flow_that_is_created(world, led):
    led.write("new", say("I am new", "New"))
    led.numbers(n1="new")
    (change,) = led.plan().plan.numbers
    assert (ends(change), change.to.id, change.to.title) == (("a", "new"), "", "New")
    led.apply()
    assert (world.leads(), led.pending()) == ({ONE: ["New"]}, [])


def test_a_flow_that_moves_takes_its_number_along(world, led):
    led.rename("a", "d")
    led.numbers(n1="d")
    assert led.pending() == ["move d"]
    led.apply()
    assert (world.leads(), led.pending()) == ({ONE: ["A"]}, [])


def test_a_number_may_lead_to_the_default_flow(world, led):
    led.write("b", say("I am b", "B", default=True))
    led.numbers(n1="b")
    led.apply()
    assert (world.leads(), led.pending()) == ({ONE: ["B"]}, [])


def test_a_file_with_an_error_keeps_its_number_where_it_is(led):
    led.numbers(n1="b", n2="c")
    led.path("b").write_text("title: B\nsteps: []\n")
    planned = led.plan()
    assert planned.plan.problems
    assert [change.number for change in planned.plan.numbers] == [TWO]


@pytest.mark.parametrize("gone", ["file", "name"])
def test_a_flow_that_is_nowhere_is_a_problem_with_a_place(led, gone):
    """It stops the apply; the plan shows all else that it would do."""
    led.numbers(n1="a" if gone == "file" else "aa", n2="b")
    if gone == "file":
        led.remove("a")
    planned = led.plan()
    (problem,) = planned.plan.problems
    assert (problem.rule, problem.file, problem.line) == ("number-of-no-flow", "mbflow.yaml", 1)
    assert [change.number for change in planned.plan.numbers] == [TWO]
    with pytest.raises(ProblemsError):
        led.apply()


# Only a part of it


def test_a_number_that_is_the_target(led):
    led.numbers(n1="b", n2="c")
    led.write("a", say("Good day", "A"))
    assert led.pending(targets=(ONE,)) == [f"lead {ONE}"]
    assert led.pending(targets=("a",)) == ["update a"]
    assert led.pending(targets=("a", TWO)) == ["update a", f"lead {TWO}"]


def test_a_target_whose_flow_is_not_live_yet(led):
    led.write("new", say("I am new", "New"))
    led.numbers(n1="new")
    with pytest.raises(RefusedError) as stop:
        led.plan(targets=(ONE,))
    assert (
        str(stop.value.details[0]) == f"{ONE} is to lead to new, which is not live yet. Plan both:"
    )
    assert led.pending(targets=(ONE, "new")) == ["create new", f"lead {ONE}"]


@pytest.mark.parametrize("target", [TWO, NUMBERS[99]])
def test_a_target_that_is_not_in_the_table(led, target):
    with pytest.raises(UsageError, match=f"{target}: there is no such number in mbflow.yaml."):
        led.plan(targets=(target,))


def test_a_target_leaves_all_other_lines_of_the_lock(led):
    led.numbers(n1="a", n2="b")
    led.apply()
    led.numbers(n2="c")
    before = led.locked_numbers()
    led.apply(targets=(TWO,))
    assert led.locked_numbers()[ONE] == before[ONE]


# Hazards


def test_a_flow_of_nobody_is_taken_over_only_by_its_own_word(world, led):
    foreign = world.dashboard.create_call_flow(say("By hand", "Reception"))
    world.lead("Reception", TWO)
    led.numbers(n1="a", n2="b")
    assert hazards(led) == {
        "takeover": f'it leads to {foreign.id} "Reception", which no file here is for: '
        f"mbflow flows get {foreign.id}"
    }
    with pytest.raises(MoreNeeded):
        led.apply()
    saved = led.plan().plan
    with pytest.raises(MoreNeeded):
        led.apply(saved=saved)
    assert world.leads()[TWO] == ["Reception"]
    led.apply(saved=saved, allow=[TWO])
    assert world.leads()[TWO] == ["B"]


def test_the_code_of_a_takeover_acknowledges_it_in_git(world, led):
    world.dashboard.create_call_flow(say("By hand", "Reception"))
    world.lead("Reception", TWO)
    led.numbers(n1="a", n2="b")
    (change,) = led.plan().plan.numbers
    code = change.hazards[0].code
    environments = led.settings["environments"]
    environments["production"]["acknowledged"] = {TWO: {"takeover": code}}
    led.save_settings()
    plan = led.plan().plan
    assert not missing(plan, Consent(reviewed=True), has_flow_files=True)
    assert plan.numbers[0].hazards[0].text.startswith("acknowledged in mbflow.yaml; ")
    world.dashboard.update_call_flow(world.id_of("Reception"), say("By hand", "Front desk"))
    assert missing(led.plan().plan, Consent(reviewed=True), has_flow_files=True)
    assert notes(led) == [
        f"mbflow.yaml acknowledges takeover of {TWO}, and it is not what it was then: look at it "
        "again"
    ]


def test_what_was_moved_outside_git_is_a_hazard(world, led):
    world.lead("C", ONE)
    assert hazards(led) == {
        "outside-edit": "it was led to c outside git, or this branch is behind; applying takes "
        "that back. To keep it, write c in mbflow.yaml"
    }
    led.apply()
    assert world.leads() == {ONE: ["A"]}
    world.lead("C", ONE)
    led.numbers(n1="c")
    assert led.pending() == []


TAKEN = (
    "it was taken off a outside git; applying leads it again. To keep it off, take it out of "
    "mbflow.yaml"
)


def test_what_was_taken_off_outside_git_is_a_hazard(world, led):
    world.put_numbers(world.id_of("A"), [TWO])
    assert hazards(led) == {"outside-edit": TAKEN}
    led.numbers(n1="b")
    assert hazards(led) == {"outside-edit": TAKEN}
    with pytest.raises(Killed):
        led.apply(checkpoint=killed_at("before-number"))
    assert hazards(led) == {}, "the run that was killed may have done it"


def test_a_number_whose_flow_is_gone_was_not_taken_off(world, led):
    world.dashboard.delete_call_flow(world.id_of("A"))
    assert hazards(led) == {}


def test_what_was_moved_to_a_flow_of_nobody_is_two_hazards(world, led):
    world.dashboard.create_call_flow(say("By hand", "Reception"))
    world.lead("Reception", ONE)
    assert set(hazards(led)) == {"takeover", "outside-edit"}


@pytest.mark.parametrize("place", ["before-number", "after-number", "before-lock", "after-lock"])
def test_what_an_unfinished_run_led_is_no_hazard(world, led, place):
    led.numbers(n1="b")
    with pytest.raises(Killed):
        led.apply(checkpoint=killed_at(place))
    led.numbers(n1="c")
    assert hazards(led) == {}
    led.apply()
    assert (world.leads(), led.pending()) == ({ONE: ["C"]}, [])


@pytest.mark.parametrize("place", ["before-number", "after-number"])
def test_a_number_that_was_never_led_before_a_kill(world, led, place):
    """The lock does not know it, and the journal only where it was to lead."""
    world.lead("C", TWO)
    led.numbers(n1="a", n2="b")
    with pytest.raises(Killed):
        led.apply(checkpoint=killed_at(place))
    plan = led.plan().plan
    assert [hazard for change in plan.numbers for hazard in change.hazards] == []
    led.apply()
    assert (world.leads()[TWO], led.pending()) == (["B"], [])


def test_a_number_at_two_flows(make_world, make_repo):
    world = make_world(quirks=["linked-number-added"])
    repo = make_repo(world)
    for name in "ab":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.numbers(n1="a")
    repo.apply()
    world.emulator_lead("B", ONE)
    assert repo.pending() == [], "the flow that it is to lead to has it"
    repo.numbers(n1="b", n2="a")
    lead, _ = repo.plan().plan.numbers
    assert [hazard.kind.value for hazard in lead.hazards] == ["two-flows"]
    assert lead.hazards[0].text.startswith("the service shows it at b and a, and nobody knows")


# A line that is taken out


def test_a_line_that_is_taken_out_is_told_once(world, led):
    led.numbers()
    assert notes(led) == [
        f"{ONE} is not in mbflow.yaml any more: it stays where it leads (by the last apply to a), "
        "and mbflow leaves it alone from now on"
    ]
    assert led.pending() == []
    led.apply()
    assert (world.leads(), led.locked_numbers(), notes(led)) == ({ONE: ["A"]}, {}, [])


def test_a_line_that_is_taken_out_and_moved_by_hand(world, led):
    """Nobody asks where it leads now: what the lock says is what mbflow knows."""
    world.lead("C", ONE)
    led.numbers()
    assert led.pending() == []
    assert "it stays where it leads" in notes(led)[0]


def test_a_flow_whose_line_was_taken_out_is_not_deleted_unseen(world, led):
    led.numbers()
    led.remove("a")
    with pytest.raises(MoreNeeded, match="A yes is not enough"):
        led.apply(allow_deletes=1)
    assert world.leads() == {ONE: ["A"]}


# Two environments in one account


def test_a_number_of_another_environment_is_of_nobody_here(world, make_repo):
    environments = {name: {"endpoint": ENDPOINT} for name in ("production", "staging")}
    repo = make_repo(world, environments=environments)
    repo.write("a", say("I am a", "A"))
    repo.numbers("production", n1="a")
    repo.apply("production")
    repo.numbers("staging", n1="a")
    repo.apply("staging", targets=("a",))
    (change,) = repo.plan("staging").plan.numbers
    assert [hazard.kind.value for hazard in change.hazards] == ["takeover"]
    assert len(world.live()) == 2


# What is asked for


def asked(world, what):
    """The flows whose numbers were asked for while `what` ran, by title."""
    before = len(world.sent())
    what()
    titles = {flow_id: body["title"] for flow_id, body in world.live().items()}
    paths = [line.split("/") for line in world.sent()[before:] if line.endswith("/numbers")]
    return [titles[path[2]] for path in paths]


def test_as_long_as_all_is_right_only_the_routes_flows_are_asked(world, led):
    led.numbers(n1="a", n2="b")
    led.apply()
    assert sorted(asked(world, led.plan)) == ["A", "B"]


def test_where_a_number_was_led_last_is_asked_first(world, led):
    led.numbers(n1="b")
    assert sorted(asked(world, led.plan)) == ["A", "B"]


def test_all_others_are_asked_for_a_number_that_is_not_there(world, led):
    world.lead("C", ONE)
    assert sorted(asked(world, led.plan)) == ["A", "B", "C"]


def test_without_a_table_no_flow_is_asked(world, led):
    led.numbers()
    assert asked(world, led.plan) == []


@pytest.mark.parametrize("broken", ["500", "no endpoint"])
def test_where_numbers_cannot_be_read_flows_can_be_planned(make_world, make_repo, broken):
    quirks = ["no-numbers-endpoint"] if broken == "no endpoint" else []
    faults = ["GET /call-flows/*/numbers 500"] if broken == "500" else []
    world = make_world(quirks=quirks, faults=faults)
    repo = make_repo(world)
    for name in "ab":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.numbers(n1="a")
    repo.apply(targets="ab")
    with pytest.raises(ApiError if broken == "500" else RefusedError):
        repo.plan()
    repo.write("a", say("Good day", "A"))
    assert repo.pending(targets=("a",)) == ["update a"]


def test_titles_are_shown_without_secrets(world, make_repo):
    secret = "open-sesame-4711"
    repo = make_repo(world, variables={"word": {"env": "WORD", "secret": True}})
    repo.environ["WORD"] = secret
    repo.write("a", say("Hello", "Say ${word}"))
    repo.write("b", say("Hello, too", "${word} again"))
    world.dashboard.create_call_flow(say("By hand", f"By hand: {secret}"))
    world.lead(f"By hand: {secret}", TWO)
    repo.numbers(n1="a", n2="b")
    repo.apply(targets=("a", "b", ONE))
    repo.numbers(n1="b", n2="a")
    plan = repo.plan().plan
    text = json.dumps(plan_json(plan)) + plan_text(plan)
    assert "will lead to ${word} again (b), until now to Say ${word} (a)" in " ".join(text.split())
    assert secret not in text
