"""What may hold a secret has another type than what may be shown, and mypy tells them apart."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

GIVEN = """
from mbflow.api.client import Client
from mbflow.flow.canonical import Form
from mbflow.model.flow import Flow, LiveFlow, RawFlow
from mbflow.plan.model import Change, ChangeKind
from mbflow.plan.secrets import hide_flow
from mbflow.state.snapshots import snapshot_record
from mbflow.views.flows import flow_text
from mbflow.views.steps import flow_lines

def safe(flow: Flow, client: Client, raw: RawFlow) -> None:
    Form(flow.body)
    client.create_call_flow(flow.raw)
    flow_lines(hide_flow(raw, {}).body)

def unsafe(flow: Flow, client: Client, raw: RawFlow) -> None:
"""
REFUSED = [
    "Form(flow.raw)",
    "flow_lines(raw.raw)",
    "flow_text(raw, None)",
    "LiveFlow(raw.id, raw.raw)",
    "Change(flow.name, ChangeKind.CREATE, after=flow.raw)",
    'snapshot_record(flow.name, "update", raw.id, raw.raw)',
    "Flow(flow.name, flow.file, flow.raw, flow.raw)",
    "Form({**flow.raw})",
    "client.create_call_flow(flow.body)",
]


def test_mypy_refuses_the_wrong_one_of_the_two(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(GIVEN + "".join(f"    {line}\n" for line in REFUSED))
    first = GIVEN.count("\n") + 1
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", str(snippet)]
    ran = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True)
    lines = [line.split(":")[1] for line in ran.stdout.splitlines() if ": error:" in line]
    assert lines == [str(first + n) for n in range(len(REFUSED))], ran.stdout


# What is safe to begin with, or made of what is safe. Only `plan/secrets.py` begins with a raw one.
SAFE_SOURCES = {
    "apply/clean_body.py",
    "apply/rollback.py",
    "apply/write.py",
    "flow/steps.py",
    "model/flow.py",
    "plan/call_comparison.py",
    "plan/environments.py",
    "plan/graph_diff.py",
    "plan/refresh.py",
    "plan/secrets.py",
    "plan/staleness.py",
    "project/flow_file.py",
    "testing/call_document.py",
    "testing/call_files.py",
    "views/call_changes.py",
    "views/plan_diagram.py",
    "views/steps.py",
}


def test_safe_bodies_are_made_in_few_places():
    package = ROOT / "mbflow"
    files = {f.relative_to(package).as_posix(): f.read_text() for f in package.rglob("*.py")}
    assert {name for name, text in files.items() if _makes_safe_bodies(text)} == SAFE_SOURCES


def _makes_safe_bodies(source):
    if "SafeBody" not in source:
        return False
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == "SafeBody" for called in calls)
