"""The way back: from a snapshot, a results file or a plan to what was live before."""

import json
import os

import pytest

from mbflow.apply.approve import Consent, approve
from mbflow.apply.rollback import as_before, former_state, names_of
from mbflow.apply.run import Tools, results_head, run
from mbflow.model.errors import Error, RefusedError
from mbflow.model.text import Command
from mbflow.plan.build import make_plan
from mbflow.plan.document import plan_json
from mbflow.plan.survey import Wishes
from mbflow.state.snapshots import snapshot_record
from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown

from .world import say


def roll_back(repo, source="last", *, allow=(), allow_deletes=None, environment="production"):
    """What `mbflow rollback` does; gives what became of each change."""
    world, checkout = repo.world, repo.checkout(environment)
    formers, numbers = former_state(checkout, str(source))
    before = as_before(checkout, formers, numbers)
    wishes = Wishes(targets=names_of(formers, numbers), may_be_gone=True)
    with world.client() as client:
        planned = make_plan(before, client, wishes, clock=world.clock, sleep=world.clock.sleep)
        consent = Consent(True, frozenset(allow), allow_deletes)
        approved = approve(planned, None, consent)
        tools = Tools(workers=1, clock=world.clock, sleep=world.clock.sleep)
        todo = {"todo": approved.flows, "numbers": approved.numbers}
        return run(planned, client, **todo, allowed=frozenset(allow), tools=tools)


@pytest.fixture
def story(world, repo):
    """Two flows; then one is edited, one deleted, one made and one given another key."""
    repo.write("edited", say("One.", "Edited", record=True))
    repo.write("deleted", say("Two.", "Deleted"))
    repo.write("old-name", say("Three.", "Moved"))
    repo.write("kept", say("Four.", "Kept"))
    repo.apply()
    world.clock.sleep(5)
    before = {body["title"]: body for body in world.live().values()}
    repo.write("edited", say("One, but other.", "Edited"))
    repo.remove("deleted")
    repo.rename("old-name", "new-name")
    repo.write("made", say("Five.", "Made"))
    return before


def test_a_step_that_comes_back_is_shown_whole(world, repo):
    transfer = {"destination": "31201234567", "mask": True, "record": "both"}
    condition = {"variable": "choice", "operator": "==", "value": "1"}
    step = {"action": "transfer", "options": transfer, "conditions": [condition]}
    repo.write("a", {"title": "A", "steps": [step, *say("Hello")["steps"]]})
    repo.apply()
    repo.write("a", say("Hello", "A"))
    repo.apply()
    checkout = repo.checkout("production")
    before = as_before(checkout, *former_state(checkout, "last"))
    with world.client() as client:
        plan = make_plan(before, client, Wishes(targets=("a",)), clock=world.clock).plan
    whole = [
        "new step 1: transfer to 31201234567",
        '  if choice == "1"',
        '  mask yes, record "both"',
    ]
    for shown, sign in ((plan_text(plan), "    "), (plan_markdown(plan), "+ ")):
        assert "\n".join(f"{sign}{line}" for line in whole) in shown


def heard(world):
    return {
        body["title"]: (body["record"], [step.get("options") for step in body["steps"]])
        for body in world.live().values()
    }


def test_everything_is_as_it_was(world, repo, story):
    first = heard(world)
    repo.apply(allow_deletes=1)
    assert heard(world) != first
    roll_back(repo, allow_deletes=1)
    assert heard(world) == first
    assert world.id_of("Edited") == story["Edited"]["id"]
    assert world.id_of("Moved") == story["Moved"]["id"]
    assert world.id_of("Deleted") != story["Deleted"]["id"]


def test_flows_that_the_apply_did_not_touch_are_left_alone(world, repo, story):
    repo.apply(allow_deletes=1)
    world.edit("Kept", record=True)
    roll_back(repo, allow_deletes=1)
    assert world.body_of("Kept")["record"] is True


def test_after_the_way_back_the_files_are_what_is_pending(world, repo, story):
    repo.apply(allow_deletes=1)
    roll_back(repo, allow_deletes=1)
    assert sorted(repo.pending()) == [
        "create made",
        "delete deleted",
        "move new-name",
        "update edited",
    ]
    hazards = {h.kind.value for c in repo.plan().plan.changes for h in c.hazards}
    assert "conflict" not in hazards and "outside-edit" not in hazards


def test_the_results_file_of_another_machine_is_enough(world, repo, story, make_repo, tmp_path):
    results = tmp_path / "results.jsonl"
    first = heard(world)
    applied = repo.apply(allow_deletes=1, results=results)
    lines = results.read_text()
    results.write_text(json.dumps(results_head(applied.planned)) + "\n" + lines)
    other = make_repo(world)
    for name in ("edited", "kept", "made", "new-name"):
        other.write(name, repo.read(name))
    other.lock_path.write_bytes(repo.lock_path.read_bytes())
    roll_back(other, results, allow_deletes=1)
    assert heard(world) == first


def test_a_saved_plan_is_enough(world, repo, story, tmp_path):
    first = heard(world)
    saved = repo.plan().plan
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_json(saved)))
    repo.apply(saved=saved)
    roll_back(repo, path, allow_deletes=1)
    assert heard(world) == first


def test_another_environment_is_refused(world, repo, make_repo, tmp_path):
    results = tmp_path / "results.jsonl"
    results.write_text(json.dumps({"results": 1, "project": "acme", "environment": "staging"}))
    with pytest.raises(RefusedError, match="environment staging of acme"):
        former_state(repo.checkout(), str(results))


def test_of_two_applies_in_one_second_the_later_is_the_last(repo):
    folder = repo.folder / ".mbflow" / "production" / "snapshots"
    folder.mkdir(parents=True)
    for number, name in enumerate(("f0000000", "00000000", "80000000")):
        path = folder / f"20270115T080000Z-{name}.jsonl"
        path.write_text(json.dumps(snapshot_record(f"key-{number}", "create", "", None)))
        os.utime(path, ns=(0, number))
    assert [former.name for former in former_state(repo.checkout(), "last")[0]] == ["key-2"]


def test_without_a_snapshot_it_says_what_else_would_do(repo):
    with pytest.raises(Error, match="left a snapshot") as stop:
        former_state(repo.checkout(), "last")
    assert Command("mbflow", "rollback", "results.jsonl") in stop.value.details
    with pytest.raises(Error, match=r"nowhere\.json is not there"):
        former_state(repo.checkout(), "nowhere.json")


STEPS = [{"action": "hangup"}]
NUMBER = '{"flow": "a", "action": "update", "before": {"steps": [{"action": %s}]}}'


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"flow": "../../a", "action": "delete", "before": {"steps": STEPS}}),
        json.dumps({"flow": "\ud800", "action": "create", "before": None}),
        json.dumps({"flow": "a", "was": "x/../y\0", "action": "move", "before": {"steps": STEPS}}),
        json.dumps({"flow": "a", "action": "update", "before": None}),
        json.dumps({"flow": "a", "action": "delete", "before": ["steps"]}),
        json.dumps({"flow": "a", "action": ["create"], "before": None}),
        json.dumps({"flow": "a", "action": "update", "before": {}}),
        json.dumps({"flow": "a", "action": "update", "before": {"steps": [1]}}),
        NUMBER % "NaN",
        NUMBER % "1e999",
    ],
)
def test_a_record_that_was_never_live_is_refused_unsent(repo, line):
    path = repo.folder / "results.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(RefusedError, match=r"results\.jsonl cannot be taken back: "):
        former_state(repo.checkout(), str(path))


def test_half_a_character_may_have_been_live(repo):
    """JSON can hold it, so a service may have sent it."""
    record = {"flow": "a", "action": "update", "before": {"title": "\ud83d", "steps": STEPS}}
    path = repo.folder / "results.jsonl"
    path.write_text(json.dumps(record))
    (former,), _ = former_state(repo.checkout(), str(path))
    assert former.before == record["before"]


@pytest.mark.parametrize("content", [b"", b"\xff\0", b"no plan", b"[1]", b'{"a": 1}'])
def test_what_is_none_of_the_three_is_told_so(repo, content):
    path = repo.folder / "other"
    path.write_bytes(content)
    with pytest.raises(RefusedError) as refused:
        former_state(repo.checkout(), str(path))
    assert refused.value.summary == (
        f"{path} cannot be taken back: it holds neither results nor a snapshot."
    )
    assert refused.value.details[1:] == (
        "Use the saved plan, the results file or the snapshot as mbflow wrote it.",
    )


def test_results_that_do_not_say_where_it_was_done_are_refused(repo):
    """Their first line was lost: they may be of another environment."""
    path = repo.folder / "results.jsonl"
    record = {"flow": "a", "action": "update", "status": "done", "before": {"steps": STEPS}}
    path.write_text(f'{{"results": 1, "proj\n{json.dumps(record)}\n')
    with pytest.raises(RefusedError, match="says where it was done is missing"):
        former_state(repo.checkout(), str(path))


@pytest.mark.parametrize("status", [None, "skipped"])
def test_where_nothing_was_done_nothing_is_taken_back(world, repo, story, status):
    """It is not that a way back without a target were a way forward for every file."""
    path = repo.folder / "results.jsonl"
    head = {"results": 1, "project": "acme", "environment": "production"}
    record = {"flow": "edited", "action": "update", "status": status, "before": None}
    path.write_text("\n".join(map(json.dumps, [head, record] if status else [head])))
    with pytest.raises(Error, match="there is nothing to take back"):
        roll_back(repo, path)
    assert repo.pending() != []


def test_an_empty_plan_is_no_way_to_anywhere(repo, story, tmp_path):
    repo.apply(allow_deletes=1)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_json(repo.plan().plan)))
    with pytest.raises(Error, match="there is nothing to take back"):
        former_state(repo.checkout(), str(path))


def test_a_secret_comes_back_with_its_present_value(world, make_repo):
    repo = make_repo(world, variables={"token": {"env": "TOKEN", "secret": True}})
    repo.environ["TOKEN"] = "s3cr3t-value"
    repo.write("door", say("Say ${token}.", "Door"))
    repo.apply()
    world.clock.sleep(5)
    repo.write("door", say("Say nothing, ${token}.", "Door"))
    repo.apply()
    roll_back(repo)
    assert "s3cr3t-value" in json.dumps(world.body_of("Door"))
    assert "nothing" not in json.dumps(world.body_of("Door"))


def test_a_secret_that_is_not_known_any_more_is_refused(world, make_repo):
    repo = make_repo(world, variables={"token": {"env": "TOKEN", "secret": True}})
    repo.environ["TOKEN"] = "s3cr3t-value"
    repo.write("door", say("Say ${token}.", "Door"))
    repo.apply()
    world.clock.sleep(5)
    repo.write("door", say("Say nothing.", "Door"))
    repo.apply()
    repo.environ.clear()
    with pytest.raises(RefusedError, match=r"secret \$\{token\}, which is not set here"):
        roll_back(repo)


def test_broken_files_do_not_keep_anybody_from_going_back(world, repo, story):
    first = heard(world)
    repo.apply(allow_deletes=1)
    repo.path("kept").write_text("steps: [")
    roll_back(repo, allow_deletes=1)
    assert heard(world) == first


def test_the_former_default_takes_it_back_from_a_snapshot(world, repo):
    """It is the default no more when its own change comes: the new one has taken it over."""
    repo.write("main", say("Welcome.", "Main", default=True))
    repo.apply()
    world.clock.sleep(5)
    first = heard(world)
    repo.write("main", say("Welcome back.", "Main", default=False))
    repo.write("heir", say("Mine now.", "Heir", default=True))
    repo.apply()
    assert world.body_of("Main")["default"] is False
    world.clock.sleep(5)
    roll_back(repo, allow=["heir"], allow_deletes=1)
    assert heard(world) == first
    assert world.body_of("Main")["default"] is True


@pytest.mark.parametrize("quirks", [(), ("second-default-refused",)])
def test_a_handover_between_two_flows_is_taken_back(make_world, make_repo, quirks):
    world = make_world(quirks=quirks)
    repo = make_repo(world)
    repo.write("main", say("Welcome.", "Main", default=True))
    repo.write("other", say("Or not.", "Other"))
    repo.apply()
    world.clock.sleep(5)
    repo.write("main", say("Welcome.", "Main", default=False))
    repo.write("other", say("Or not.", "Other", default=True))
    repo.apply()
    assert world.body_of("Other")["default"] is True
    world.clock.sleep(5)
    roll_back(repo, allow=["main"])
    assert world.body_of("Main")["default"] is True
    assert world.body_of("Other")["default"] is False


def test_a_default_that_was_set_is_taken_back_if_allowed(world, repo):
    repo.write("main", say("Welcome.", "Main"))
    repo.apply()
    world.clock.sleep(5)
    repo.write("main", say("Welcome back.", "Main", default=True))
    repo.apply()
    world.clock.sleep(5)
    with pytest.raises(RefusedError) as refused:
        roll_back(repo)
    assert Command("--allow", "main") in refused.value.details
    roll_back(repo, allow=["main"])
    assert world.body_of("Main")["default"] is False
    assert "Welcome." in json.dumps(world.body_of("Main"))


def test_a_flow_whose_name_was_used_again_comes_back(world, repo):
    repo.write("sales", say("This is sales.", "Sales"))
    repo.write("kept", say("Four.", "Kept"))
    repo.apply()
    world.clock.sleep(5)
    first = heard(world)
    repo.rename("sales", "berlin")
    repo.write("sales", say("This is new.", "New sales"))
    repo.apply(targets=["berlin"])
    move = max((repo.folder / ".mbflow" / "production" / "snapshots").glob("*.jsonl"))
    world.clock.sleep(5)
    repo.apply()
    world.clock.sleep(5)
    roll_back(repo, allow_deletes=1)
    roll_back(repo, move)
    assert heard(world) == first


def test_a_deleted_default_comes_back_as_the_default(world, repo):
    repo.write("main", say("Welcome.", "Main", default=True))
    repo.write("kept", say("Four.", "Kept"))
    repo.apply()
    world.clock.sleep(5)
    repo.remove("main")
    repo.write("heir", say("Mine now.", "Heir", default=True))
    repo.apply(allow=["main"], allow_deletes=1)
    assert world.titles() == ["Heir", "Kept"]
    world.clock.sleep(5)
    roll_back(repo, allow=["heir"], allow_deletes=1)
    assert world.titles() == ["Kept", "Main"]
    assert world.body_of("Main")["default"] is True
