"""Commands that messages advise: what was called and what is missing, to be copied as they are."""

import json
import shlex

import pytest
from api.cli import runner
from apply.world import say

from mbflow.api.connect import open_client
from mbflow.model.project import Environment
from mbflow.project.load import read_checkout

from .conftest import run_here

WITHOUT_TERMINAL = "Error: There is no terminal to ask on, so say what may be applied.\n"


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    """A project of its own emulator whose flows `a` and `b c` are live."""
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    run = runner(capsys, tmp_path)
    write(tmp_path, "a", "Hello")
    write(tmp_path, "b c", "Hello")
    assert run("apply", "--auto-approve").code == 0
    return run


def write(folder, name, text):
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows" / f"{name}.yaml").write_text(json.dumps(say(text, name)))


def advised(text):
    """The command lines in a message, as lists of words."""
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("      mbflow")]


# Without a terminal


def test_a_rollback_says_again_what_it_takes_back(mbflow, tmp_path):
    write(tmp_path, "a", "Good day")
    results = str(tmp_path / "the results.jsonl")
    assert mbflow("apply", "--auto-approve", "--results", results).code == 0
    ran = mbflow(
        "rollback",
        results,
        "--allow",
        "b c",
        "--allow-deletes",
        "0",
        before=("-C", str(tmp_path), "-e", "local"),
    )
    assert ran.code == 64
    assert ran.err == (
        f"{WITHOUT_TERMINAL}"
        "  Let everything through that needs no acknowledgement:\n"
        f"      mbflow -C {tmp_path} rollback '{results}' --auto-approve --allow 'b c'"
        " --allow-deletes 0 -e local\n"
    )
    (again,) = advised(ran.err)
    ran = mbflow(*again)
    assert ran.code == 0, ran.err
    assert "1 done. local (built-in emulator)" in ran.out


def test_a_rollback_without_a_source_names_the_one_that_it_takes(mbflow, tmp_path):
    ran = mbflow("rollback")
    assert "roll back with --allow-deletes 2.\n" in ran.out and "removed:" not in ran.out + ran.err
    (again,) = advised(ran.err)
    assert again[:3] == ["rollback", "last", "--auto-approve"]
    assert again[-2:] == ["--allow-deletes", "2"]
    ran = mbflow(*again)
    assert ran.code == 0, ran.err


def test_an_apply_says_all_that_its_deletes_need(mbflow, tmp_path):
    (tmp_path / "flows" / "a.yaml").unlink()
    planned, applied, at_once = advised(mbflow("apply").err)
    assert at_once == ["apply", "--auto-approve", "--allow-deletes", "1"]
    assert mbflow(*planned).code == mbflow(*applied).code == 0


def test_nobody_is_asked_where_nothing_is_to_be_done(mbflow, tmp_path):
    ran = mbflow("apply")
    assert (ran.code, ran.err) == (0, "")
    for name in ("a", "b c"):
        (tmp_path / "flows" / f"{name}.yaml").unlink()
    ran = mbflow("apply")
    assert (ran.code, advised(ran.err)) == (3, [])
    assert "There is no flow file at all" in ran.err


@pytest.mark.parametrize(
    "line",
    [
        *("apply", "rollback", "page", "flows list", "calls list", "webhooks list"),
        *("numbers list", "ci plan", "ci apply", "ci drift", "ci lock"),
    ],
)
def test_where_no_project_is_nothing_is_asked_or_written(tmp_path, line):
    code, out, err = run_here(line.split(), tmp_path, {})
    assert (code, out) == (64, "")
    assert err == (
        f"Error: {tmp_path} holds no project: neither mbflow.yaml nor flows/.\n"
        "  Name its folder with -C, or start one here:\n"
        "      mbflow init\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_apply_says_again_what_it_was_given(mbflow, tmp_path):
    write(tmp_path, "a", "Good day")
    write(tmp_path, "b c", "Good day")
    ran = mbflow("apply", "--target", "b c", "--allow", "b c", "--parallelism", "2", "-e", "local")
    assert ran.code == 64
    assert ran.err == (
        f"{WITHOUT_TERMINAL}"
        "  Either apply a plan that was reviewed:\n"
        f"      mbflow plan --target 'b c' --allow 'b c' --out plan.json -e local\n"
        f"      mbflow apply plan.json --parallelism 2 -e local\n"
        "  or let everything through that needs no acknowledgement:\n"
        f"      mbflow apply --auto-approve --target 'b c' --allow 'b c'"
        " --parallelism 2 -e local\n"
    )
    *_, at_once = advised(ran.err)
    ran = mbflow(*at_once)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 done. local (built-in emulator)")
    assert "~ update  a " in mbflow("plan").out, "the flow that was no target is as it was"


def test_what_was_asked_for_in_json_is_asked_for_in_json_again(mbflow, tmp_path):
    (tmp_path / "flows" / "a.yaml").unlink()
    ran = mbflow("apply", "--format", "json", "--results", "r.jsonl", "--allow-deletes", "1")
    details = ran.json["error"]["details"]
    options = "--allow-deletes 1 --results r.jsonl --format json"
    assert details[2] == f"    mbflow apply plan.json {options}"
    assert details[-1] == f"    mbflow apply --auto-approve {options}"


def test_an_environment_of_saved_plans_names_both_commands(mbflow, tmp_path):
    (tmp_path / "mbflow.yaml").write_text(
        "project: acme\nenvironments: {prod: {endpoint: embedded, require_plan: true}}\n"
    )
    ran = mbflow("apply", "--auto-approve", "--target", "a", "-e", "prod")
    assert ran.code == 3
    assert ran.err == (
        "Refused: The environment prod is applied from a saved plan only.\n"
        "  Save a plan, and apply it once it is reviewed:\n"
        "      mbflow plan --target a --out plan.json -e prod\n"
        "      mbflow apply plan.json -e prod\n"
    )


# In a plan


@pytest.fixture
def edited(mbflow, tmp_path):
    """The live flow of `b c` was edited in the dashboard, and that of `a` is gone."""
    (tmp_path / "mbflow.yaml").write_text(
        "project: acme\nenvironments: {production: {endpoint: embedded}}\n"
    )
    assert mbflow("apply", "--auto-approve", "-e", "production").code == 0
    checkout = read_checkout(tmp_path, "production")
    ids = {flow["name"]: flow["id"] for flow in live(mbflow, "production")}
    with open_client(tmp_path, checkout.environment, can_write=True) as client:
        client.update_call_flow(ids["b c"], say("Edited by hand", "b c"))
        client.delete_call_flow(ids["a"])
    return mbflow


def live(mbflow, environment):
    return mbflow("flows", "list", "-e", environment, "--format", "json").json["flows"]


def hazards(document):
    """Text and command of each, as a terminal shows them."""
    found = [hazard for change in document["changes"] for hazard in change["hazards"]]
    return [f"{hazard['text']} {shlex.join(hazard['command'])}" for hazard in found]


GONE = (
    "the live flow in the lock is gone; a new one gets a new id, and numbers that led to the old "
    "one lead nowhere until they are led to it, in mbflow.yaml or with: mbflow{0} numbers assign a "
    "NUMBER -e production"
)
EDITED = (
    "the live flow was edited outside git, or this branch is behind; applying takes the edit "
    "back. To keep it: mbflow{0} import 'b c' -e production"
)


@pytest.mark.parametrize("way", ["named", "by the process environment"])
def test_the_commands_of_a_plan_name_its_environment(edited, tmp_path, monkeypatch, way):
    """A plan is read by others, in another shell."""
    if way == "named":
        options = ["-e", "production"]
    else:
        monkeypatch.setenv("MBFLOW_ENVIRONMENT", "production")
        options = []
    document = edited("plan", "--out", "plan.json", "--format", "json", *options).json
    assert hazards(document) == [GONE.format(""), EDITED.format("")]
    assert hazards(edited("show", "plan.json", "--format", "json").json) == hazards(document)
    assert unwrapped(EDITED.format("")) in unwrapped(edited("plan", *options).out)


def unwrapped(text):
    return " ".join(text.split())


def test_a_folder_is_in_the_text_and_not_in_the_document(edited, tmp_path):
    place = ("-C", str(tmp_path))
    shown = unwrapped(edited("plan", *place, "-e", "production").out)
    assert unwrapped(GONE.format(f" -C {tmp_path}")) in shown
    assert unwrapped(EDITED.format(f" -C {tmp_path}")) in shown
    document = edited("plan", *place, "-e", "production", "--format", "json").json
    assert hazards(document) == [GONE.format(""), EDITED.format("")]


def test_the_commands_of_a_refusal_name_its_environment(edited):
    ran = edited("apply", "--auto-approve", "-e", "production")
    assert ran.code == 3
    assert f"  create a: recreate: {GONE.format('')}\n" in ran.err
    assert f"  update b c: outside-edit: {EDITED.format('')}\n" in ran.err


def test_the_only_environment_needs_no_name(mbflow, tmp_path):
    ids = {flow["name"]: flow["id"] for flow in live(mbflow, "local")}
    with open_client(tmp_path, Environment("local"), can_write=True) as client:
        client.delete_call_flow(ids["a"])
    assert hazards(mbflow("plan", "--format", "json").json)[0].endswith("numbers assign a NUMBER")


# What is missing


def test_a_refusal_ends_with_the_whole_command(edited, tmp_path):
    """Each option stands below its reason; the command with all of them goes through."""
    write(tmp_path, "gone", "Our office is closed on holidays")
    assert edited("apply", "--auto-approve", "--target", "gone", "-e", "production").code == 0
    (tmp_path / "flows" / "gone.yaml").unlink()
    ran = edited("apply", "--auto-approve", "--parallelism", "2", "-e", "production")
    assert ran.code == 3
    assert ran.err == (
        "Refused: --auto-approve is not enough for this plan. Look at each of these, then add its "
        "option.\n"
        f"  create a: recreate: {GONE.format('')}\n"
        "      --allow a\n"
        f"  update b c: outside-edit: {EDITED.format('')}\n"
        "      --allow 'b c'\n"
        "  The plan deletes 1 of 2 flows of this project: gone. Confirm the number, or list "
        "the names under "
        "`removed:` in mbflow.yaml and plan again.\n"
        "      --allow-deletes 1\n"
        "  The whole command:\n"
        "      mbflow apply --auto-approve --allow a --allow 'b c' --allow-deletes 1"
        " --parallelism 2 -e production\n"
    )
    (whole,) = advised(ran.err)
    ran = edited(*whole)
    assert ran.code == 0, ran.err
    assert "3 done. production (built-in emulator)" in ran.out


def test_a_plan_file_may_need_more_than_the_review(mbflow, tmp_path):
    write(tmp_path, "a", "Hello")
    (tmp_path / "flows" / "a.yaml").write_text(
        json.dumps({**say("Hello", "a"), "mbflow": {"protect": True}})
    )
    assert mbflow("apply", "--auto-approve").code == 0
    (tmp_path / "flows" / "a.yaml").unlink()
    assert mbflow("plan", "--out", "the plan.json").code == 0
    ran = mbflow("apply", "the plan.json", "--allow-deletes", "2")
    assert ran.code == 3
    assert ran.err == (
        "Refused: A yes is not enough for this plan. Look at each of these, then add its option.\n"
        "  delete a: protected: the flow was protected, as the lock says\n"
        "      --allow a\n"
        "  --allow-deletes 2 does not match: the plan deletes 1.\n"
        "      --allow-deletes 1\n"
        "  The whole command:\n"
        "      mbflow apply 'the plan.json' --allow a --allow-deletes 1\n"
    )
    (whole,) = advised(ran.err)
    assert mbflow(*whole).code == 0
