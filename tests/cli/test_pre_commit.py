"""The hooks of pre-commit, run as it runs them; `make wheel` has pre-commit itself run one."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from mbflow.cli.main import VERBS

from .conftest import run_here

HOOKS = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
FLOW = 'steps: [{action: transfer, options: {destination: "${desk}"}}]\n'
CALLS = 'calls: [{name: x, ends: {transferred: "442079460123"}}]\n'


def write(folder, desk):
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    (folder / "mbflow.yaml").write_text(f"variables: {{{desk}}}\n")
    (folder / "flows/menu.yaml").write_text(f"title: Menu\n{FLOW}")
    (folder / "flows/menu.calls.yaml").write_text(CALLS)


def runs(hook, *names):
    return any(re.search(hook["files"], name) for name in names)


def run(hook, folder, *args):
    """Its exit code: no names of files are passed."""
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    program, *words = shlex.split(hook["entry"])
    assert program == "mbflow"
    return run_here([*words, *args], folder, {"PATH": "/usr/bin:/bin"})[0]


def test_there_is_a_hook_for_each_check():
    assert [hook["id"] for hook in HOOKS] == ["mbflow-validate", "mbflow-test", "mbflow-fmt"]
    assert {hook["entry"].split()[1] for hook in HOOKS} <= VERBS.keys()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_passes_what_is_right(tmp_path, hook):
    write(tmp_path / "voice", 'desk: "442079460123"')
    assert run(hook, tmp_path / "voice") == 0
    assert run(hook, tmp_path, "-C", "voice") == 0
    assert not runs(hook, "README.md", "src/main.py")
    for name in ("flows/menu.yaml", "mbflow.yaml", "voice/ivr/a.calls.yaml", "calendars/x.yaml"):
        assert runs(hook, name)


@pytest.mark.parametrize("hook", HOOKS[:2], ids=lambda hook: hook["id"])
def test_what_a_shared_file_breaks_elsewhere_is_found(tmp_path, hook):
    write(tmp_path, 'desk: "442079460124"' if hook["id"] == "mbflow-test" else "dask: x")
    assert runs(hook, "mbflow.yaml")
    assert run(hook, tmp_path) == 1
