"""One way to name a flow: its name, its file's path or its id, in every verb that takes one."""

import io
import json
import shutil

import pytest
from espeak import Espeak

from mbflow.cli.main import exit_code_of
from mbflow.state.lock import read_lock

FLOW = "support/menu"
BODY = """\
title: Support
steps:
  - action: say
    options: {payload: "For sales, press 1.", language: en-GB, voice: female}
  - action: hangup
"""
CALLS = """\
calls:
  - name: a caller listens
    hears: ["press 1"]
    ends: hangup
"""


def run(capsys, *arguments):
    capsys.readouterr()
    code = exit_code_of(arguments)
    return code, *capsys.readouterr()


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """A project whose flow is live in the emulator; its id."""
    root = tmp_path_factory.mktemp("applied")
    (root / "flows/support").mkdir(parents=True)
    (root / "mbflow.yaml").write_text("project: acme\n")
    (root / "flows/support/menu.yaml").write_text(BODY)
    (root / "flows/support/menu.calls.yaml").write_text(CALLS)
    (root / "flows/other.yaml").write_text(BODY.replace("Support", "Other"))
    assert exit_code_of(["-C", str(root), "apply", "--auto-approve"]) == 0
    lock = read_lock(root / ".mbflow/local/mbflow.lock.yaml")
    return root, lock.of("local")[FLOW].id


@pytest.fixture
def project(applied, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    root = tmp_path / "project"
    shutil.copytree(applied[0], root)
    return root


WAYS = {
    "name": lambda root, flow_id: FLOW,
    "below -C": lambda root, flow_id: f"flows/{FLOW}.yaml",
    "absolute": lambda root, flow_id: str(root / f"flows/{FLOW}.yaml"),
    "call file": lambda root, flow_id: f"./flows/{FLOW}.calls.yaml",
    "dotted": lambda root, flow_id: f"flows/../flows/{FLOW}.yaml",
    "id": lambda root, flow_id: flow_id,
    "ID": lambda root, flow_id: flow_id.upper(),
}
RING = ("--yes", "--from", "31201234567", "--to", "31207654321")
VERBS = {
    "validate": (("validate",), "checked: no problems"),
    "test": (("test",), "support/menu  1 passed"),
    "suggest": (("test", "--suggest"), "Every branch of support/menu is covered"),
    "simulate": (("simulate",), "For sales, press 1."),
    "say": (("say", "-o", "a.wav"), "a.wav\n"),
    "graph": (("graph",), "say<br/>For sales"),
    "plan target": (("plan", "--target"), "nothing to change"),
    "plan allow": (("plan", "--allow"), "nothing to change"),
    "apply target": (("apply", "--auto-approve", "--target"), "nothing to change"),
    "apply allow": (("apply", "--auto-approve", "--allow"), "nothing to change"),
    "flows get": (("flows", "get"), "For sales, press 1."),
    "numbers list": (("numbers", "list"), "support/menu ("),
    "numbers assign": (("numbers", "assign", "--yes", "{}", "31201234567"), "support/menu ("),
    "calls start": (("calls", "start", *RING), "flows/support/menu.yaml (2 steps)"),
    "forget": (("forget",), "support/menu is forgotten"),
    "adopt": (("adopt", "{}", "{id}"), "support/menu is now"),
    "import": (("import", "--force"), "kept flows/support/menu.yaml"),
    "import as": (("import", "--force", "{id}", "--as"), "kept flows/support/menu.yaml"),
}
NO_ID = {"import as"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_a_flow_in_every_way(
    verb, applied, project, tmp_path, capsys, monkeypatch
):
    words, told = VERBS[verb]
    if verb == "say":
        Espeak(tmp_path, monkeypatch)
    monkeypatch.chdir(project / "flows/support")
    for way, text_of in WAYS.items():
        if way.lower() == "id" and verb in NO_ID:
            continue
        root = project.with_name(f"{verb} {way}")
        shutil.copytree(project, root)
        monkeypatch.chdir(root / "flows/support")
        text = text_of(root, applied[1])
        filled = [word.format(text, id=applied[1]) for word in words]
        given = filled if "{}" in words else [*filled, text]
        code, out, err = run(capsys, "-C", str(root), *given)
        assert (way, code, told in out + err) == (way, 0, True), out + err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_which_flow_may_be_meant(verb, applied, project, capsys):
    """`import as` makes a file of any name."""
    words, _ = VERBS[verb]
    for text in ("suport/menu", "flows/suport/menu.yaml"):
        if verb == "import as":
            continue
        filled = [word.format(text, id=applied[1]) for word in words]
        given = filled if "{}" in words else [*filled, text]
        code, _, err = run(capsys, "-C", str(project), *given)
        assert code in (1, 64), err
        assert 'Did you mean "' in err
        assert "support/menu" in err.partition("Did you mean")[2]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_refuses_an_empty_name(verb, applied, project, capsys):
    """It is a variable of a script that nobody set: `test ""` is not `test`."""
    words, _ = VERBS[verb]
    filled = [word.format("", id=applied[1]) for word in words]
    given = filled if "{}" in words else [*filled, ""]
    code, _, err = run(capsys, "-C", str(project), *given)
    assert (code, "is empty." in err) == (64, True), err


@pytest.mark.parametrize("verb", ["validate", "test"])
def test_a_file_that_may_be_meant_is_seen_from_here(verb, project, capsys):
    code, _, err = run(capsys, "-C", f"{project}/flows/support", verb, f"flows/{FLOW}.yaml")
    assert (code, 'Did you mean "menu.yaml"?' in err) == (64, False)
    assert "Did you mean" not in err or 'Did you mean "support/menu"?' in err
    code, _, err = run(capsys, "-C", f"{project}/flows/support", verb, "mneu.yaml")
    assert (code, 'Did you mean "menu.yaml"?' in err) == (64, True), err


def test_a_path_may_be_that_of_a_file_that_is_gone(project, capsys):
    (project / f"flows/{FLOW}.yaml").unlink()
    code, out, err = run(capsys, "-C", str(project), "forget", f"flows/{FLOW}.yaml")
    assert (code, out.startswith("support/menu is forgotten")) == (0, True), err


def test_a_path_through_a_link_to_the_project(project, capsys):
    link = project.with_name("link")
    link.symlink_to(project)
    code, out, _ = run(capsys, "-C", str(project), "graph", f"{link}/flows/{FLOW}.yaml")
    assert (code, "For sales" in out) == (0, True)


def test_an_id_counts_only_in_the_environment_that_is_named(applied, project, capsys):
    """In another account the same name is another live flow."""
    (project / "mbflow.yaml").write_text(
        "project: acme\nenvironments: {staging: {endpoint: embedded}}\n"
    )
    for words in (["flows", "get"], ["numbers", "list"], ["plan", "--target"], ["forget"]):
        code, out, err = run(capsys, "-C", str(project), "-e", "staging", *words, applied[1])
        assert (code in (1, 64), out) == (True, ""), out + err
        assert applied[1] in err


def test_a_saved_plan_takes_names_paths_and_ids(applied, project, capsys):
    plan = str(project / "plan.json")
    file = project / f"flows/{FLOW}.yaml"
    file.write_text(BODY.replace("sales", "support"))
    assert run(capsys, "-C", str(project), "plan", "--out", plan)[0] == 0
    for text in (FLOW, f"flows/{FLOW}.yaml", applied[1]):
        drawn = run(capsys, "-C", str(project), "graph", "--diff", plan, text)
        applying = run(capsys, "-C", str(project), "apply", plan, "--allow", text)
        assert (drawn[0], applying[0]) == (0, 0), drawn[2] + applying[2]


def test_rollback_takes_a_path_and_an_id(applied, project, capsys):
    file = project / f"flows/{FLOW}.yaml"
    file.write_text(BODY.replace("sales", "support"))
    assert run(capsys, "-C", str(project), "apply", "--auto-approve")[0] == 0
    for text in (f"flows/{FLOW}.yaml", applied[1]):
        code, _, err = run(
            capsys, "-C", str(project), "rollback", "--auto-approve", "--allow", text
        )
        assert code == 0, err


def test_a_call_names_its_flow_by_name(project, capsys):
    _, out, _ = run(
        capsys, "-C", str(project), "calls", "start", *RING, f"flows/{FLOW}.yaml", "--format=json"
    )
    assert json.loads(out)["flow"] == FLOW
