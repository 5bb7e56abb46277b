"""The access key and secret variables appear in no file, no result and no message."""

import json

import pytest

from mbflow.apply.result import result_json
from mbflow.model.errors import RefusedError
from mbflow.plan.document import plan_json, read_plan
from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown
from mbflow.views.results import outcome_line, results_json, results_lines

from .world import KEY, Killed, killed_at, say, spoken

PIN = "8264-hush-7713"
NEW = "5550-still-9921"
STEP = spoken("The code is ${pin}.")
FLOW = {"title": "Code", "steps": [STEP, {"action": "hangup"}]}


@pytest.fixture
def secret_repo(make_repo, world):
    repo = make_repo(world, variables={"pin": {"env": "PIN", "secret": True}})
    repo.environ["PIN"] = PIN
    repo.write("code", FLOW)
    repo.write("other", say("Other", "Other"))
    return repo


def leaks(folder, *values):
    """Files below the folder that hold one of the values."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        str(path)
        for path in files
        if any(value.encode() in path.read_bytes() for value in (*values, KEY))
    ]


def everything_shown(applied):
    plan, outcomes = applied.planned.plan, applied.outcomes
    return "\n".join(
        [
            plan_text(plan),
            plan_markdown(plan),
            json.dumps(plan_json(plan)),
            *map(str, results_lines(plan, outcomes)),
            json.dumps(results_json(plan, outcomes, 0)),
            *(outcome_line(one) for one in outcomes),
            *(json.dumps(result_json(one)) for one in outcomes),
            *(repr(one) for one in outcomes),
            repr(applied.planned.checkout.flows),
        ]
    )


def test_the_service_gets_the_value_and_nothing_else_does(world, secret_repo, tmp_path):
    applied = secret_repo.apply(results=tmp_path / "results.jsonl")
    assert PIN in json.dumps(world.body_of("Code"))
    assert PIN not in everything_shown(applied)
    assert leaks(secret_repo.folder, PIN) == []
    assert PIN not in (tmp_path / "results.jsonl").read_text()
    assert secret_repo.pending() == []


def test_neither_value_shows_when_a_secret_changes(world, secret_repo):
    secret_repo.apply()
    secret_repo.environ["PIN"] = NEW
    (change,) = secret_repo.plan().plan.changes
    assert change.action.value == "update"
    assert not change.hazards, "nobody touched the live flow"
    applied = secret_repo.apply(reviewed=False)
    shown = everything_shown(applied)
    assert PIN not in shown
    assert NEW not in shown
    assert leaks(secret_repo.folder, NEW) == []
    assert NEW in json.dumps(world.body_of("Code"))


def test_the_old_value_is_kept_out_of_the_snapshot_too(world, secret_repo):
    """The body before the change holds a value that no variable has any more."""
    secret_repo.apply()
    secret_repo.environ["PIN"] = NEW
    secret_repo.apply()
    assert leaks(secret_repo.folder, PIN, NEW) == []


@pytest.mark.parametrize("label", ["journal-begun", "after-post", "before-put", "before-lock"])
def test_a_killed_run_leaves_no_secret_behind(world, secret_repo, label):
    if label == "before-put":
        secret_repo.apply()
        secret_repo.write("code", {**FLOW, "record": True})
    with pytest.raises(Killed):
        secret_repo.apply(checkpoint=killed_at(label))
    assert leaks(secret_repo.folder, PIN) == []


def test_a_failed_write_says_nothing_secret(world, secret_repo):
    world.faults("POST /call-flows 500 before")
    applied = secret_repo.apply()
    assert set(applied.statuses.values()) == {"failed"}
    assert PIN not in everything_shown(applied)


def test_a_saved_plan_knows_another_secret_by_a_keyed_hash(world, secret_repo):
    document = plan_json(secret_repo.plan().plan)
    text = json.dumps(document)
    assert PIN not in text
    assert KEY not in text
    assert "${pin}" in text
    plan = read_plan(document)
    secret_repo.environ["PIN"] = NEW
    with pytest.raises(RefusedError) as refused:
        secret_repo.apply(saved=plan)
    message = "\n".join(map(str, refused.value.details))
    assert "${pin} has another value here" in message
    assert PIN not in message
    assert NEW not in message
    assert world.writes() == []
    secret_repo.environ["PIN"] = PIN
    assert set(secret_repo.apply(saved=plan).statuses.values()) == {"done"}


def test_the_access_key_is_not_part_of_a_plan(world, secret_repo):
    """CI plans with one key and applies with another."""
    plan = read_plan(plan_json(secret_repo.plan().plan))
    secret_repo.apply(saved=plan, access_key="live_AnotherKeyOfTheWorld99")
    assert world.live() == {}
    assert len(world.live(name="live_AnotherKeyOfTheWorld99")) == 2
