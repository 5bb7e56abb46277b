"""Files that are no flows are told apart; `forget` takes several names; refusals count."""

import json

import pytest
from apply.world import say

from .racing import Hand

OTHERS = {
    "copy-of-lock.yaml": (
        "format: 1\nproject: acme\ncanonical: 1\nenvironments:\n",
        "This is the lock",
    ),
    "project.yaml": ("project: acme\nenvironments: {}\n", "This is a project file"),
    "a.call.yaml": ("calls: []\n", "These are simulated calls"),
    "plan.json": (json.dumps({"format_version": 1, "changes": []}), "This is a saved plan"),
    "docker-compose.yml": ("services: {web: {image: x}}\n", "This is no call flow"),
    "workflow.yaml": ("on: push\njobs: {}\n", "This is no call flow"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_no_flow_is_told_in_one_sentence(applied, in_process, name):
    text, told = OTHERS[name]
    (applied.folder / name).write_text(text)
    ran = in_process(applied)("validate", name, "--format", "json")
    (problem,) = ran.json["problems"]
    assert (ran.code, problem["file"]) == (1, name)
    assert problem["message"].startswith(told)


def test_a_misspelled_flow_is_still_a_flow(applied, in_process):
    (applied.folder / "flows" / "x.yaml").write_text("titel: X\nstep: []\n")
    ran = in_process(applied)("validate", "flows/x.yaml")
    assert 'Did you mean "steps"' in ran.out


def test_the_lock_is_checked_as_what_it_is(applied, in_process):
    mbflow = in_process(applied)
    assert mbflow("validate", "mbflow.lock.yaml").code == 0
    assert mbflow("validate", "mbflow.lock.yaml", "mbflow.yaml", "flows/a.yaml").code == 0
    (applied.folder / "mbflow.lock.yaml").write_text("<<<<<<< ours\n")
    ran = mbflow("validate", "mbflow.lock.yaml")
    assert ran.code == 1
    assert "mbflow.lock.yaml:1: the lock cannot be read: a merge left its marks in it" in ran.out


def test_several_flows_are_forgotten_at_once_or_none(applied, in_process):
    mbflow = in_process(applied)
    lock = applied.lock
    ran = mbflow("forget", "a", "nothere", "neither")
    assert ran.code == 1
    assert "The lock does not know nothere." in ran.err
    assert "The lock does not know neither." in ran.err
    assert applied.lock == lock
    ran = mbflow("forget", "a", "b")
    assert (ran.code, ran.out.count("is forgotten")) == (0, 2)
    assert mbflow("forget").code == 64


def test_flows_that_are_missing_are_forgotten_with_one_command(applied, service, in_process):
    for title in "ABC":
        Hand(service).delete(Hand(service).id_of(title))
    ran = in_process(applied)("plan")
    assert ran.code == 3
    assert "      mbflow forget a b c\n" in ran.err


def test_a_refusal_counts_what_it_does_not_list(project, service, in_process):
    mbflow = in_process(project)
    for n in range(25):
        project.write(f"f{n:02}", say(f"Number {n} of very many", f"F{n}"))
    assert mbflow("apply", "--auto-approve").code == 0
    for n in range(24):
        project.remove(f"f{n:02}")
    ran = mbflow("apply", "--auto-approve")
    assert "f18, f19 and 4 more." in ran.err
