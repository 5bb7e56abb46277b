"""rollback as a process: what it takes, and what it says of a flow that comes back."""

import json
import re
import shutil

import pytest
from apply.world import say

from .conftest import Project

DIGITS = ("31201234567", "31201234568")
AND_THE_COMMIT = "Take the files back too"


@pytest.fixture
def deleted(applied, service):
    """Flow b, which two numbers led to, was deleted by a reviewed plan."""
    code, _, err = applied.run("numbers", "assign", "b", *DIGITS, "--yes")
    assert code == 0, err
    applied.remove("b")
    assert applied.run("plan", "--out", "plan.json")[0] == 0
    code, _, err = applied.run("apply", "plan.json", "--allow", "b", "--results", "results.jsonl")
    assert code == 0, err
    assert service.titles() == ["A", "C"]
    return applied


def snapshot(project):
    files = (project.folder / ".mbflow/production/snapshots").iterdir()
    return str(max(files, key=lambda file: file.stat().st_mtime_ns))


@pytest.mark.parametrize("source", ["last", "plan.json", "results.jsonl", snapshot])
def test_a_deleted_flow_comes_back_with_its_numbers(deleted, service, source):
    source = source if isinstance(source, str) else source(deleted)
    code, _, err = deleted.run("rollback", source, "--auto-approve")
    assert code == 0, err
    new = next(flow_id for flow_id, body in service.live().items() if body["title"] == "B")
    assert f"b is back, with the new id {new}." in err
    assert AND_THE_COMMIT in err
    _, out, _ = deleted.run("numbers", "list", "b")
    assert out.split() == [f"+{number}" for number in DIGITS]


def test_what_another_machine_wrote_down_is_enough(deleted, service, tmp_path):
    """A checkout without `.mbflow`, as after the job in CI that made the change."""
    other = Project(tmp_path / "elsewhere", service.url)
    for name in "ac":
        shutil.copy(deleted.folder / "flows" / f"{name}.yaml", other.folder / "flows")
    shutil.copy(deleted.folder / "mbflow.lock.yaml", other.folder)
    results = str(deleted.folder / "results.jsonl")
    code, _, err = other.run("rollback", results, "--auto-approve", "-e", "production")
    assert code == 0, err
    assert service.titles() == ["A", "B", "C"]
    _, out, _ = other.run("numbers", "list", "b", "-e", "production")
    assert out.split() == [f"+{number}" for number in DIGITS]


@pytest.mark.parametrize("words", [["--auto-approve"], ["plan.json", "--allow", "b"]])
def test_results_of_an_apply_with_nothing_to_do_have_their_head(deleted, words):
    """CI keeps the file, and who reads it must tell "nothing was done" from "did not run"."""
    code, _, err = deleted.run("apply", *words, "--results", "r.jsonl")
    assert code == 0, err
    (head,) = map(json.loads, (deleted.folder / "r.jsonl").read_text().splitlines())
    assert (head["results"], head["environment"]) == (1, "production")
    code, _, err = deleted.run("rollback", "r.jsonl", "--auto-approve")
    assert code == 1
    assert "r.jsonl holds no change that was made, so there is nothing to take back." in err


def test_nothing_to_take_back_says_nothing_of_numbers_or_commits(deleted):
    assert deleted.run("rollback", "results.jsonl", "--auto-approve")[0] == 0
    code, out, err = deleted.run("rollback", "results.jsonl", "--auto-approve")
    assert (code, err) == (0, "")
    assert "nothing to change" in out


def test_a_created_flow_that_is_gone_is_no_mistake(applied, service):
    applied.write("d", say("I am d", "D"))
    assert applied.run("plan", "--out", "plan.json")[0] == 0
    assert applied.run("apply", "plan.json")[0] == 0
    applied.remove("d")
    undo = ("rollback", "plan.json", "--auto-approve")
    assert applied.run(*undo, "--allow-deletes", "1")[0] == 0
    assert applied.run("forget", "d")[0] == 1, "nothing remembers it"
    code, out, err = applied.run(*undo)
    assert (code, err) == (0, "")
    assert "nothing to change" in out


def test_a_created_flow_is_deleted_only_if_acknowledged(applied, service):
    applied.write("d", say("I am d", "D"))
    assert applied.run("apply", "--auto-approve")[0] == 0
    code, _, err = applied.run("rollback", "--auto-approve")
    assert code == 3
    assert "--allow-deletes 1" in err
    assert service.titles() == ["A", "B", "C", "D"]
    assert applied.run("rollback", "--auto-approve", "--allow-deletes", "1")[0] == 0
    assert service.titles() == ["A", "B", "C"]


def test_what_no_number_can_be_in_a_strangers_file_is_refused(deleted, service):
    """A results file is data: nothing that it says is sent or shown unseen."""
    head, record = map(json.loads, (deleted.folder / "results.jsonl").read_text().splitlines())
    record |= {"numbers": ["1;touch pwned", "$(touch pwned)", "\x1b]0;x\x07"]}
    path = deleted.folder / "results.jsonl"
    path.write_text(f"{json.dumps(head)}\n{json.dumps(record)}\n")
    code, _, err = deleted.run("rollback", "results.jsonl", "--auto-approve")
    assert code == 3
    assert "what it names cannot be a telephone number." in err
    assert "pwned" not in err
    assert service.titles() == ["A", "C"]


def test_a_result_that_was_cut_off_is_not_passed_over_in_silence(deleted, service):
    deleted.write("a", say("I am new", "A"))
    assert deleted.run("apply", "--auto-approve", "--results", "results.jsonl")[0] == 0
    path = deleted.folder / "results.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:-1], lines[-1][:40]]))
    code, _, err = deleted.run("rollback", "results.jsonl", "--auto-approve")
    assert code == 0, err
    assert err.splitlines()[:3] == [
        "results.jsonl is damaged (line 4): what stood there is not taken back.",
        "What still differs from the files after this:",
        "    mbflow plan",
    ]
    assert service.titles() == ["A", "B", "C"]


def test_taking_back_a_rollback_leaves_no_commit_to_revert(applied, service):
    """The second `last` is the first rollback: then the live flow is what the file says."""
    applied.write("a", say("Good day", "A"))
    applied.write("d", say("I am d", "D"))
    assert applied.run("apply", "--auto-approve")[0] == 0
    undo = ("rollback", "last", "--auto-approve")
    code, _, err = applied.run(*undo, "--allow-deletes", "1")
    assert code == 0, err
    assert err.splitlines()[-1] == (
        "Take the files back too, or the next apply makes the same change again."
    )
    assert service.titles() == ["A", "B", "C"]
    code, _, err = applied.run(*undo)
    assert code == 0, err
    assert (
        err.splitlines()[-1]
        == "The files say what is live now: nothing is to be taken back in them."
    )
    assert service.titles() == ["A", "B", "C", "D"]
    assert applied.run("plan", "--detailed-exitcode")[0] == 0


def test_one_flow_unlike_its_file_is_enough_to_be_told(applied):
    applied.write("a", say("Good day", "A"))
    applied.write("b", say("Good day", "B"))
    assert applied.run("apply", "--auto-approve")[0] == 0
    applied.write("a", say("I am a", "A"))
    code, _, err = applied.run("rollback", "--auto-approve")
    assert code == 0, err
    assert AND_THE_COMMIT in err


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_rollback_can_be_looked_at_without_a_terminal(applied, service, output):
    applied.write("a", say("Good day", "A"))
    assert applied.run("apply", "--auto-approve")[0] == 0
    live, lock = service.texts(), applied.lock
    code, out, err = applied.run("rollback", "last", "--format", output)
    assert code == 64
    assert "~ update  a" in (out if output == "text" else err)
    options = "" if output == "text" else " --format json"
    assert err.endswith(
        "Error: There is no terminal to ask on, so say what may be applied.\n"
        "  Let everything through that needs no acknowledgement:\n"
        f"      mbflow rollback last --auto-approve{options}\n"
    )
    if output == "json":
        assert json.loads(out)["exit_code"] == 64
    assert (service.texts(), applied.lock) == (live, lock)


def menu_saying(text):
    """Seven keys, each with words of its own."""
    voice = {"language": "en-GB", "voice": "female"}
    to_keys = {"onKeypressGoto": "keys", "onKeypressVar": "key"}
    prompt = {"action": "say", "options": {"payload": "Press a key.", **voice}, **to_keys}
    steps = [prompt, {"action": "hangup"}]
    for key in "1234567":
        chosen = {"variable": "key", "operator": "==", "value": key}
        told = {"payload": f"{text} {key}.", **voice}
        steps.append({"action": "say", "options": told, "conditions": [chosen]})
    steps[2]["id"] = "keys"
    return {"title": "A", "steps": steps}


def test_a_way_back_names_no_option_of_plan(applied):
    for text in ("Key", "This is key"):
        applied.write("a", menu_saying(text))
        code, out, err = applied.run("apply", "--auto-approve")
        assert code == 0, out + err
    assert re.search(r"^ +and \d+ more: plan --calls all$", out, re.MULTILINE), out
    code, out, err = applied.run("rollback", "--auto-approve")
    assert code == 0, err
    assert re.search(r"^ +and \d+ more$", out, re.MULTILINE), out
    assert "--calls" not in out + err
