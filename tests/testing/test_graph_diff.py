"""`mbflow graph --diff PLAN` as users meet it."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def plan(project):
    """Make a plan for the embedded environment; gives the path of its file."""

    def make():
        path = project.root / "plan.json"
        ran = project.run("-e", "local", "plan", "--out", str(path))
        assert ran.code == 0, ran.err
        return str(path)

    return make


def apply(project):
    ran = project.run("-e", "local", "apply", "--auto-approve")
    assert ran.code == 0, ran.err


def change_menu(project):
    path = project.root / "flows/menu.yaml"
    path.write_text(path.read_text().replace("Good bye.", "Good bye, friend."))


def test_what_a_plan_changes_without_a_project(project, plan, tmp_path):
    apply(project)
    change_menu(project)
    project.write("flows/bye.yaml", "steps: [{action: hangup}]\ntitle: Bye\n")
    planned = plan()
    for name in ("flows/menu.yaml", "flows/bye.yaml", "mbflow.yaml"):
        (project.root / name).unlink()
    ran = project.run("graph", "--diff", planned)
    assert (ran.code, ran.err) == (0, "")
    assert '["create bye"]' in ran.out and '["update menu"]' in ran.out
    only = project.run("graph", "--diff", planned, "menu", "--format", "dot")
    assert (only.code, only.err) == (0, "")
    assert only.out.startswith("digraph mbflow {\n") and 'bye"' not in only.out
    assert 'fillcolor="#fff8c5"' in only.out


def test_a_deleted_flow(project, plan):
    project.write("flows/bye.yaml", "steps: [{action: hangup}]\ntitle: Bye\n")
    apply(project)
    (project.root / "flows/bye.yaml").unlink()
    ran = project.run("graph", "--diff", plan())
    assert '["delete bye"]' in ran.out and "class f0s0,legend_removed removed" in ran.out


def test_a_moved_flow_is_said_and_not_drawn(project, plan):
    apply(project)
    (project.root / "flows/menu.yaml").rename(project.root / "flows/front.yaml")
    ran = project.run("graph", "--diff", plan())
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Not drawn, it changes nothing that a caller hears: move front\n"


def test_a_plan_without_changes(project, plan):
    apply(project)
    ran = project.run("graph", "--diff", plan())
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "The plan changes no call flow: there is nothing to draw.\n"


def test_a_name_that_the_plan_does_not_change(project, plan):
    ran = project.run("graph", "--diff", plan(), "menus")
    assert (ran.code, ran.out) == (64, "")
    assert 'The plan does not change a flow "menus". Did you mean "menu"?' in ran.err


def test_a_damaged_plan(project, plan):
    path = Path(plan())
    document = json.loads(path.read_text())
    document["changes"][0]["flow"] = "other"
    path.write_text(json.dumps(document))
    ran = project.run("graph", "--diff", str(path))
    assert (ran.code, ran.out) == (3, "")
    assert "is not a plan that can be applied: it was changed after it was written" in ran.err


def test_a_secret_is_not_drawn(project, plan):
    options = "{payload: 'Pin ${pin}.', language: en-GB, voice: male}"
    project.write("flows/secret.yaml", f"steps: [{{action: say, options: {options}}}]\n")
    ran = project.run("graph", "--diff", plan(), "secret")
    assert ran.code == 0 and "4711" not in ran.out and "Pin $#123;pin#125;." in ran.out
