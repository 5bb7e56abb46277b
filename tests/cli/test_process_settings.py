"""Odd settings of the process: a user's error or of no effect, and never a bug."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mbflow.cli.main import VERBS, exit_code_of, main
from mbflow.cli.options import FilePath

FLOW = "title: Menu\nsteps:\n  - action: hangup\n"
ROOT = Path(__file__).parents[2] / "mbflow"
ODD = {
    "COLUMNS": "-1",
    "LINES": "x",
    "TERM": "",
    "TZ": "Mars/Base",
    "LANG": "xx_YY.none",
    "LC_ALL": "C",
    "TMPDIR": "/nowhere",
    "SOURCE_DATE_EPOCH": "x",
    "PYTHONWARNINGS": "error",
    "PYTHONUTF8": "0",
    "PYTHONIOENCODING": "ascii",
    "STRAY": "\udcff",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/menu.yaml").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    return tmp_path


def process(*words, **environ):
    environ = {"PATH": os.defpath, **environ}
    command = [sys.executable, *words]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_odd_settings_of_a_process_change_nothing(folder):
    code, out, err = process("-m", "mbflow", "apply", "--auto-approve", **ODD)
    assert (code, err) == (0, f"done     create  menu  {err.split()[-1]}\n")
    assert out.endswith("1 done. local (built-in emulator)\n")


def test_help_and_manuals_survive_without_docstrings(folder, capsys):
    shown = {}
    for words in (["--help"], ["plan", "--help"], ["calls", "list", "--help"], ["calls", "--help"]):
        exit_code_of(words)
        shown[" ".join(words)] = capsys.readouterr().out
    exit_code_of(["explain", "plain-http"])
    shown["explain plain-http"] = capsys.readouterr().out
    program = (
        "from mbflow.cli.main import exit_code_of\n"
        f"for words in {list(shown)}: exit_code_of(words.split())"
    )
    code, out, _ = process("-OO", "-c", program)
    assert (code, out) == (0, "".join(shown.values()))


def test_an_assertion_only_narrows_a_type():
    """`python -O` takes them out: none may guard what mbflow does, or do anything."""
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "assert " in text else ():
            if isinstance(node, ast.Assert):
                calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
                names = {ast.unparse(call) for call in calls}
                assert names <= {"isinstance"}, f"{path}:{node.lineno}"
                assert names or ast.unparse(node.test).endswith(" is not None"), path


def test_a_current_folder_that_is_gone(folder, capsys):
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert exit_code_of(["plan"]) == 1
    assert "The current folder is not there any more." in capsys.readouterr().err
    assert exit_code_of(["-C", str(folder), "validate"]) == 0


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(24, "Too many open files"), "The system refuses: Too many open files."),
        (PermissionError(13, "Permission denied", "/x"), "refuses: /x: Permission denied."),
        (MemoryError(), "There is not enough memory."),
        (RuntimeError("can't start new thread"), "system gives this process no more threads."),
    ],
)
def test_what_the_system_refuses_is_no_bug(monkeypatch, capsys, error, text):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("mbflow.project.load.read_checkout", refuse)
    assert exit_code_of(["plan"]) == 1
    assert text in capsys.readouterr().err


def test_a_variable_that_is_no_text_is_named(folder, monkeypatch, capsys):
    (folder / "mbflow.yaml").write_text("variables: {title: {env: TITLE}}\n")
    (folder / "flows/menu.yaml").write_text(FLOW.replace("Menu", '"${title}"'))
    monkeypatch.setenv("TITLE", "\udcff")
    assert exit_code_of(["plan"]) == 1
    assert "the process variable TITLE is not UTF-8 text" in "".join(capsys.readouterr())


# Paths ----------------------------------------------------------------------------------------


def options_of_files():
    context = click.Context(main)
    for verb in VERBS:
        command = main.get_command(context, verb)
        for one in (command, *getattr(command, "commands", {}).values()):
            for parameter in one.params:
                if isinstance(parameter.type, click.Path) and parameter.name != "directory":
                    yield f"{verb} {one.name} {parameter.name}", parameter.type


def test_every_file_on_a_command_line_is_of_one_kind():
    found = dict(options_of_files())
    assert len(found) >= 10
    assert [name for name, kind in found.items() if not isinstance(kind, FilePath)] == []


@pytest.mark.parametrize("name", ["", "-"])
@pytest.mark.parametrize(
    "words",
    [
        "plan --out",
        "apply --auto-approve --results",
        "apply",
        "show",
        "graph --diff",
        "emulate --database",
        "recordings download x -o",
        "transcriptions download x -o",
        "rollback --results",
        "validate",
        "init",
    ],
)
def test_no_file_is_named_by_nothing_or_a_dash(folder, capsys, words, name):
    assert exit_code_of([*words.split(), name]) == 64
    expected = "`-` is no file here" if name else "The name of the file is empty."
    assert expected in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["flows"]


@pytest.mark.parametrize("base", ["", " "])
def test_an_empty_base_is_refused(folder, capsys, base):
    assert exit_code_of(["plan", "--base", base]) == 64
    assert "'--base': It is empty: name a commit, branch or tag." in capsys.readouterr().err


@pytest.mark.parametrize("place", ["before", "after"])
def test_every_path_is_relative_to_the_folder_of_c(folder, capsys, monkeypatch, place):
    """As with `git -C`. The current folder stays as it was, without a file more."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    def run(*words, code=0, before=False):
        visit = ["-C", ".."]
        first = place == "before" or before
        assert exit_code_of([*visit, *words] if first else [*words, *visit]) == code
        return capsys.readouterr()

    assert "apply plan.json" in run("plan", "--out", "plan.json").err
    assert run("show", "plan.json", before=True).out.startswith("Plan for local")
    assert "flowchart" in run("graph", "--diff", "plan.json").out
    run("apply", "plan.json", "--results", "r.jsonl")
    run("rollback", "r.jsonl", "--auto-approve", "--results", "r2.jsonl", code=3)
    run("validate", "flows/menu.yaml")
    run("init", "new")
    (folder / "flows/menu.calls.yaml").write_text("calls:\n  - {name: a, ends: hangup}\n")
    run("test", "flows/menu.calls.yaml")
    assert (folder / "new/mbflow.yaml").is_file()
    assert (folder / "plan.json").is_file() and (folder / "r.jsonl").is_file()
    assert list(elsewhere.iterdir()) == []
    assert Path.cwd() == elsewhere


def test_a_folder_is_visited_once(folder, capsys):
    assert exit_code_of(["-C", "flows", "plan", "-C", "flows"]) == 64
    assert exit_code_of(["-C", "..", "plan", "-C", str(folder)]) == 64
    assert "-C is given twice" in capsys.readouterr().err
