"""`init`, `explain` and `schema`: what they write and say."""

import json
import platform
import subprocess
import sys
from importlib import metadata

import pytest

from mbflow import __version__
from mbflow.cli import version
from mbflow.rules import RULES
from mbflow.schema.validator import schema_names

from .conftest import run_here


def mbflow(*arguments, cwd):
    return run_here(arguments, cwd, {"PATH": "/usr/bin:/bin"})


NEXT = """
Next, without account or network:
    mbflow -C shop validate
    mbflow -C shop test --coverage
    mbflow -C shop plan
    mbflow -C shop apply
"""


GIT = """
Put the folder into git:
    git -C shop init

Once in each clone, for git to merge locks:
    git -C shop config merge.mbflow.driver 'mbflow merge-lock %O %A %B'
"""


ON_WINDOWS = """
import sys, click
sys.platform, sys.modules["fcntl"] = "win32", None
from mbflow.cli.main import run
run(["plan"])
"""


def test_windows_is_told_where_mbflow_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS], cwd=tmp_path, capture_output=True, text=True
    )
    told = "Error: mbflow runs on Linux and macOS. On Windows, use it in WSL.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_the_version_says_what_a_report_needs(tmp_path, monkeypatch):
    monkeypatch.setattr(
        version, "requires", lambda _: ["click>=8.1", 'ruff; extra == "dev"', "no-x"]
    )
    code, out, err = run_here(["--version"], tmp_path, {})
    first, python, formats, packages = out.splitlines()
    assert (code, err, first) == (0, "", f"mbflow {__version__}")
    assert python.startswith(f"CPython {platform.python_version()}, {platform.system()}-")
    assert formats == "plan format 1, lock format 1"
    assert packages == f"click {metadata.version('click')}, no-x missing"


def test_init_starts_a_project_that_is_valid(tmp_path):
    code, out, err = mbflow("init", "shop", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert out == (
        "wrote  mbflow.yaml\nwrote  flows/welcome.yaml\nwrote  flows/welcome.calls.yaml\n"
        "wrote  .gitignore\nwrote  .gitattributes\nwrote  schemas/calendar.schema.json\n"
        "wrote  schemas/call-flow.schema.json\nwrote  schemas/calls.schema.json\n"
        "wrote  schemas/lock.schema.json\nwrote  schemas/project.schema.json\n" + GIT + NEXT
    )
    assert "project: shop\n" in (tmp_path / "shop/mbflow.yaml").read_text()
    assert mbflow("-C", "shop", "validate", cwd=tmp_path) == (
        0,
        "1 flow and 1 call file checked: no problems.\n",
        "",
    )
    assert mbflow("-C", "shop", "test", "--fail-under", "100", cwd=tmp_path) == (
        0,
        "welcome  4 passed\n\n4 calls: 4 passed.\n",
        "",
    )
    assert (
        (tmp_path / "shop/flows/welcome.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=../schemas/call-flow.schema.json\n")
    )


def test_init_overwrites_nothing(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "mbflow.yaml").write_text("project: mine\n")
    code, out, _ = mbflow("init", cwd=tmp_path)
    assert code == 0
    assert out.startswith(
        "kept   mbflow.yaml\nwrote  .gitignore\nwrote  .gitattributes\nwrote  schemas/calendar"
    )
    assert (tmp_path / "mbflow.yaml").read_text() == "project: mine\n"
    assert list((tmp_path / "flows").iterdir()) == []


def test_init_here_needs_no_folder_in_the_next_commands(tmp_path):
    for arguments in (["init"], ["init", "."]):
        out = mbflow(*arguments, cwd=tmp_path)[1]
        assert out.endswith(
            "    mbflow validate\n" + NEXT.partition("validate\n")[2].replace(" -C shop", "")
        )


def test_init_names_the_project_after_its_folder(tmp_path):
    (tmp_path / "Ünser: Shop №7").mkdir()
    assert mbflow("init", cwd=tmp_path / "Ünser: Shop №7")[0] == 0
    text = (tmp_path / "Ünser: Shop №7/mbflow.yaml").read_text()
    assert "\nproject: nser-shop-7\n" in text


def test_init_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    code, out, err = mbflow("init", "file/below", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert err == (
        "Error: file is not a folder, and mbflow.yaml belongs into one of that name.\n"
        "  Nothing was written.\n"
    )


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_is_explained(rule):
    from mbflow.cli.verbs.explain import manual_text

    text = manual_text(RULES[rule])
    assert text.startswith(f"{rule}\n{'=' * len(rule)}\n\n{RULES[rule].summary[:20]}")
    assert text.splitlines()[-1].endswith(("turned off.", f"{{{rule}: why}}}})."))


def test_explain_prints_a_manual(tmp_path):
    code, out, _ = mbflow("explain", "unknown-goto", cwd=tmp_path)
    assert code == 0
    assert out.startswith(
        "unknown-goto\n============\n\n"
        "An `onKeypressGoto` names a step that the flow does not have.\n"
    )
    assert out.endswith("An error: it cannot be excepted, lowered or turned off.\n")


def test_manuals_are_there_without_docstrings(tmp_path):
    manuals = ""
    for rule in ("audio-type", "yaml-syntax"):
        _, out, _ = mbflow("explain", rule, cwd=tmp_path)
        assert "\nFails:\n\n" in out
        manuals += out
    program = "from mbflow.cli.main import exit_code_of as explain\n"
    program += "for rule in ('audio-type', 'yaml-syntax'): explain(['explain', rule])"
    command = [sys.executable, "-OO", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, manuals, "")


def test_explain_lists_all_rules(tmp_path):
    code, out, _ = mbflow("explain", cwd=tmp_path)
    assert code == 0
    lines = out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == sorted(RULES)
    assert max(map(len, lines)) <= 80
    (indent,) = {len(line) - len(line.lstrip()) for line in lines} - {0}
    assert {line[indent - 2 : indent] for line in lines} == {"  "}
    told = [" ".join(line.split()) for line in out.splitlines()]
    assert "same-title warning Two flows have the same title." in told


def test_explain_guesses(tmp_path):
    assert mbflow("explain", "unknown-gotto", cwd=tmp_path) == (
        64,
        "",
        'Error: There is no rule "unknown-gotto". Did you mean "unknown-goto"?\n'
        "  All rules:\n      mbflow explain\n",
    )


def test_schema_prints_a_schema(tmp_path):
    code, out, _ = mbflow("schema", "call-flow", cwd=tmp_path)
    assert (code, json.loads(out)["title"]) == (0, "Call flow")
    assert mbflow("schema", cwd=tmp_path)[1].split() == schema_names()
    assert mbflow("schema", "projct", cwd=tmp_path) == (
        64,
        "",
        'Error: There is no schema "projct". Did you mean "project"?\n',
    )


HELP = """
import contextlib, io, sys
from mbflow.cli.main import VERBS, exit_code_of, main
heavy = ("httpx", "jsonschema", "jsonschema_rs", "deepdiff", "yaml", "werkzeug", "sqlite3")
def told(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = exit_code_of([*words, "--help"])
    loaded = [name for name in heavy if name in sys.modules]
    text = out.getvalue()
    rough = [bad for bad in (" RANGE", " INTEGER", " FLOAT") if bad in text]
    rough += ["..."] if "..." in text.partition("Commands:")[2] else []
    if code or not text.startswith("Usage: mbflow") or loaded or rough:
        print(*words, "--help:", code, *loaded, *rough)
told()
for verb in VERBS:
    told(verb)
    for below in getattr(main.get_command(None, verb), "commands", ()):
        told(verb, below)
"""


def test_the_help_of_every_verb_is_whole_plain_and_light(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", HELP], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
