"""With `--format json` there is one JSON document on standard output, whatever happens."""

import json
import subprocess
import sys
import types

import click
import pytest

from mbflow.cli import main as cli
from mbflow.cli.options import output_format
from mbflow.model.errors import PartialError, RefusedError

from .cli import Ran, runner
from .conftest import KEY
from .service import Reply, Service, refused

GOOD = "title: Menu\nsteps:\n  - action: hangup\n"


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    return runner(capsys, tmp_path)


@pytest.fixture
def verb(capsys, monkeypatch):
    """`ran = verb(body, "--format", "json")`: a verb of its own that does what `body` does."""

    def run(body, *arguments):
        module = types.ModuleType("mbflow.cli.verbs.trial")

        @click.command()
        @output_format("text", "json")
        def command(output_format):
            return body()

        module.command = command
        monkeypatch.setitem(sys.modules, "mbflow.cli.verbs.trial", module)
        monkeypatch.setitem(cli.VERBS, "trial", "Only here.")
        capsys.readouterr()
        code = cli.exit_code_of(["trial", *arguments])
        captured = capsys.readouterr()
        return Ran(int(code), captured.out, captured.err)

    return run


def raising(error):
    def body():
        raise error

    return body


def test_an_error_is_told_to_programs_and_to_people(mbflow):
    ran = mbflow("flows", "get", "x", "--format", "json")
    assert ran.code == 1
    assert ran.json == {
        "error": {
            "summary": "local (built-in emulator) has no call flow x.",
            "details": [
                "It is neither a name in the lock nor the id of a live call flow. "
                "To see what there is:",
                "    mbflow flows list",
            ],
        },
        "exit_code": 1,
    }
    assert ran.err.startswith("Error: local (built-in emulator) has no call flow x.\n")


def test_without_the_option_nothing_is_on_standard_output(mbflow):
    assert mbflow("flows", "get", "x").out == ""
    assert mbflow("flows", "get", "x", "--format", "yaml").out == ""
    assert mbflow("flows", "get", "--", "x", "--format", "json").out == ""


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        (["flows", "list", "--format=json", "--bogus"], "No such option '--bogus'."),
        (["--bogus", "flows", "list", "--format", "json"], "No such option '--bogus'."),
        (["flows", "get", "--format", "json"], "Missing argument 'FLOW|ID'."),
        (["flos", "--format", "json"], "No such command 'flos'."),
        (["flows", "list", "--format", "json", "-e", "x"], 'There is no environment "x".'),
    ],
)
def test_wrong_usage(capsys, tmp_path, monkeypatch, arguments, summary):
    (tmp_path / "flows").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    assert cli.exit_code_of(arguments) == 64
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == 64
    assert document["error"]["summary"].startswith(summary)


def test_problems_of_files_are_in_the_document(mbflow, tmp_path):
    (tmp_path / "mbflow.yaml").write_text("project: acme\nenvironmints: {}\n")
    ran = mbflow("flows", "list", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (1, 1)
    assert ran.json["error"]["summary"] == "The files have problems."
    assert [problem["file"] for problem in ran.json["problems"]] == ["mbflow.yaml"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("Not allowed."), 3),
        (PartialError("Half done.", "Look again."), 4),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.ClickException("no"), 1),
    ],
)
def test_every_way_to_stop_gives_its_code(verb, error, code):
    ran = verb(raising(error), "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (code, code)
    assert ran.json["error"]["summary"]


def test_a_bug_shows_places_and_no_message(verb):
    ran = verb(raising(RuntimeError(KEY)), "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (70, 70)
    assert "did not expect this: RuntimeError." in ran.json["error"]["summary"]
    assert any("test_json_errors" in place or "main.py" in place for place in _places(ran))
    assert KEY not in ran.out + ran.err


def _places(ran):
    return ran.json["error"]["details"]


def test_a_verb_that_has_written_its_document_keeps_it(verb):
    def body():
        click.echo('{"done": true}')
        raise PartialError("The end went wrong.")

    ran = verb(body, "--format", "json")
    assert (ran.code, ran.json) == (4, {"done": True})
    assert ran.err == "Partly done: The end went wrong.\n"


@pytest.mark.parametrize(
    "arguments", [["validate"], ["plan"], ["apply", "--auto-approve"], ["test"], ["flows", "list"]]
)
def test_documents_of_success_have_no_error(mbflow, tmp_path, arguments):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/menu.yaml").write_text(GOOD)
    ran = mbflow(*arguments, "--format", "json")
    assert ran.code == 0
    assert "error" not in ran.json


def test_problems_keep_the_documents_of_plan_and_validate(mbflow, tmp_path):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/menu.yaml").write_text("steps: []\n")
    for arguments in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        ran = mbflow(*arguments, "--format", "json")
        assert ran.code == 1
        assert ran.json["problems"]
        assert "error" not in ran.json


def test_an_apply_that_cannot_ask(mbflow, tmp_path):
    (tmp_path / "flows" / "a.yaml").write_text("title: A\nsteps:\n  - {action: hangup}\n")
    ran = mbflow("apply", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (64, 64)
    assert ran.json["error"]["summary"].startswith("There is no terminal to ask")


def test_a_plan_against_a_service_in_trouble(mbflow, tmp_path):
    with Service(lambda asked: refused(401, f"no {KEY}")) as service:
        (tmp_path / "mbflow.yaml").write_text(
            f"project: acme\nenvironments:\n  production: {{endpoint: '{service.url}'}}\n"
        )
        ran = mbflow("plan", "-e", "production", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (1, 1)
    assert "does not accept the access key (401)" in ran.json["error"]["summary"]
    assert KEY not in ran.out + ran.err


def test_hostile_text_is_harmless_in_the_document(mbflow, tmp_path):
    hostile = "\x1b[2J\u202e##[error]"
    with Service(lambda asked: Reply(422, {"errors": [{"message": hostile}]})) as service:
        (tmp_path / "mbflow.yaml").write_text(
            f"project: acme\nenvironments:\n  production: {{endpoint: '{service.url}'}}\n"
        )
        ran = mbflow("flows", "list", "-e", "production", "--format", "json")
    assert ran.code == 1
    assert ran.out.isascii()
    assert "\x1b" not in ran.out and "##[" not in ran.out


def test_a_reader_that_went_away_is_no_error(tmp_path):
    (tmp_path / "flows").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "mbflow", "flows", "get", "x", "--format", "json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 1
    assert errors.startswith("Error: local (built-in emulator) has no call flow x.")
    assert "BrokenPipe" not in errors
