"""The calls of the worked example: complete, and honest.

Honest means: whatever a covered branch does, breaking it makes a call fail.
"""

import copy
import shutil
from pathlib import Path

import pytest

from mbflow.flow.steps import parse_program
from mbflow.project.discover import find_call_files
from mbflow.testing.call_files import read_calls
from mbflow.testing.coverage import BranchKind, branches, questions
from mbflow.testing.expectations import run_call
from mbflow.testing.flows import CalledFlows

HOME = Path(__file__).parent.parent.parent
KEYS = sorted(of.name for of in find_call_files(HOME, "flows") if of.flow_path.is_file())
ELSEWHERE = "442079460199"


def test_every_flow_is_covered(project):
    shutil.rmtree(project.root / "flows")
    for folder in ("calendars", "flows"):
        shutil.copytree(HOME / folder, project.root / folder)
    shutil.copy(HOME / "mbflow.yaml", project.root / "mbflow.yaml")
    ran = project.run("test", "--coverage", "--fail-under", "100")
    assert ran.code == 0, ran.out + ran.err
    assert "all                        100 %" in ran.out


def silence(steps, branch, program):
    """The step does nothing any more, and a hangup is none; place, id and conditions stay."""
    step = steps[branch.step]
    kept = {name: step[name] for name in ("id", "conditions") if name in step}
    instead = {"action": "pause", "options": {"length": 0}}
    if step["action"] == "hangup":
        instead = {"action": "transfer", "options": {"destination": ELSEWHERE}}
    steps[branch.step] = kept | instead


def deafen(steps, branch, program):
    """Keys lead nowhere any more."""
    for question in questions(program):
        if question[0].position == branch.step:
            for step in question:
                steps[step.position].pop("onKeypressGoto", None)
                steps[step.position].pop("onKeypressVar", None)


def always(steps, branch, program):
    steps[branch.step].pop("conditions")


def redirect(steps, branch, program):
    steps[branch.step]["options"]["destination"] = ELSEWHERE


def cut_off(steps, branch, program):
    """What is below the step cannot be reached from it any more."""
    steps.insert(branch.step + 1, {"action": "transfer", "options": {"destination": ELSEWHERE}})


def end_otherwise(steps, branch, program):
    steps.append({"action": "hangup"})


def let_machines_pass(steps, branch, program):
    steps[branch.step]["options"]["ifMachine"] = "continue"


def fetch_elsewhere(steps, branch, program):
    steps[branch.step]["options"]["onFinish"] = "https://elsewhere.example"


BREAK = {
    BranchKind.RUN: silence,
    BranchKind.KEYS: deafen,
    BranchKind.NOBODY: cut_off,
    BranchKind.SKIPPED: always,
    BranchKind.ANSWERED: redirect,
    BranchKind.UNANSWERED: cut_off,
    BranchKind.MACHINE: let_machines_pass,
    BranchKind.FETCHED: fetch_elsewhere,
    BranchKind.UNFETCHED: cut_off,
    BranchKind.FALLS_OFF: end_otherwise,
}
SILENT = {"pause", "sendKeys"}
"""Actions that a caller does not notice: without a snapshot no call can tell that they are gone."""


def mutants(name, flows):
    body = flows.checkout("local").flows[name].body
    program = parse_program(name, body)
    for branch in branches(program):
        if branch.kind is BranchKind.RUN and program.steps[branch.step].action in SILENT:
            continue
        broken = copy.deepcopy(body)
        BREAK[branch.kind](broken["steps"], branch, program)
        yield branch, parse_program(name, broken)


def fails(call, program, flows, where):
    fetched = {
        url: flows.fetched(url, given, where, "local") for url, given in call.fetches.items()
    }
    return bool(run_call(call, program, fetched)[1])


@pytest.mark.parametrize("name", KEYS)
def test_breaking_any_covered_branch_fails_a_call(name):
    flows = CalledFlows(HOME, ["local"], {})
    (where,) = [one for one in find_call_files(HOME, "flows") if one.name == name]
    (read,) = read_calls(where, flows.checkout("local").project.environments, ["local"])
    calls = read.calls
    survivors = [
        f"step {branch.step + 1}: {branch.kind.value}"
        for branch, program in mutants(name, flows)
        if not any(fails(call, program, flows, where) for call in calls)
    ]
    assert survivors == []
