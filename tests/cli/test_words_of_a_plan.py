"""What `plan` says beside the plan: where it was saved, and the command that applies it."""

import shlex

import pytest
from apply.world import say

from .racing import Hand


def saved(project, name="plan.json", *options):
    code, _, err = project.run(*options, "plan", "--out", name)
    assert code == 0, err
    return err


def test_a_saved_plan_says_how_to_apply_it(project, service):
    project.write("a", say("Hello", "A"))
    assert saved(project) == (
        "Saved as plan.json. To apply exactly this:\n    mbflow apply plan.json\n"
    )
    assert saved(project, "plan.json", "-e", "production") == (
        "Saved as plan.json. To apply exactly this:\n    mbflow apply plan.json -e production\n"
    )


@pytest.mark.parametrize("name", ["my plan.json", "-plan.json", "it's.json"])
def test_the_command_can_be_copied_whatever_the_name(project, service, name):
    project.write("a", say("Hello", "A"))
    code, _, err = project.run("plan", f"--out={name}")
    assert code == 0, err
    mbflow, *words = shlex.split(err.splitlines()[-1])
    assert (mbflow, project.run(*words)[0]) == ("mbflow", 0)
    assert len(service.live()) == 1


def test_a_plan_of_nothing_is_not_to_be_applied(project, service):
    assert saved(project) == "Saved as plan.json.\n"


def test_files_with_errors_save_nothing_and_say_so(project, service):
    project.write("a", {"title": "A", "steps": [{"action": "sya"}]})
    code, out, err = project.run("plan", "--out", "plan.json")
    assert (code, err) == (1, "Nothing was saved as plan.json.\n")
    assert out.splitlines()[1] == "No plan: 1 file has errors"


def test_what_was_acknowledged_is_shown_by_plan_and_show(applied, service):
    Hand(service).edit("A", say("By hand"))
    _, planned, _ = applied.run("plan", "--allow", "a", "--out", "plan.json")
    _, shown, _ = applied.run("show", "plan.json")
    _, markdown, _ = applied.run("show", "plan.json", "--format", "markdown")
    for text in (planned, shown):
        assert "acknowledged:\n  already, by --allow: a\n" in text
    assert "acknowledged:\n\n```\nalready, by --allow: a\n```" in markdown
