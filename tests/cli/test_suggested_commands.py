"""Commands that an error suggests name the project and environment that the run was for."""

import json
import shlex
import sys
import types

import click
import pytest

from mbflow.cli import main as cli
from mbflow.cli.next_command import complete, render
from mbflow.cli.options import directory, environment, output_format
from mbflow.model.errors import RefusedError, UsageError
from mbflow.model.text import Command


@pytest.fixture
def trial(capsys, monkeypatch):
    """`code, out, err = trial("-e", "x", "trial")`: a verb that is refused, with a way on."""
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    module = types.ModuleType("mbflow.cli.verbs.trial")

    @click.command()
    @directory
    @environment
    @output_format("text", "json")
    def command(directory, environment, output_format):
        raise RefusedError(
            f"Not in {environment}.",
            "To see:",
            Command("mbflow", "plan"),
            Command("mbflow", "show"),
        )

    module.command = command
    monkeypatch.setitem(sys.modules, "mbflow.cli.verbs.trial", module)
    monkeypatch.setitem(cli.VERBS, "trial", "Only here.")

    def run(*arguments):
        capsys.readouterr()
        code = cli.exit_code_of(arguments)
        return (code, *capsys.readouterr())

    return run


def refusal(environment, ending):
    return (
        3,
        "",
        f"Refused: Not in {environment}.\n  To see:\n      mbflow plan{ending}\n"
        "      mbflow show\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [("-e", "prod", "trial"), ("trial", "-e", "prod"), ("trial", "--environment=prod")],
)
def test_a_name_that_was_given_is_given_on(trial, arguments):
    assert trial(*arguments) == refusal("prod", " -e prod")


def test_without_a_name_none_is_needed(trial):
    assert trial("trial") == refusal("None", "")


def test_a_name_in_the_process_environment_stays_there(trial, monkeypatch):
    monkeypatch.setenv("MBFLOW_ENVIRONMENT", "staging")
    assert trial("trial") == refusal("staging", "")


@pytest.mark.parametrize("arguments", [("-e", "prod", "trial"), ("trial", "-e", "prod")])
def test_the_command_line_wins_over_the_process_environment(trial, monkeypatch, arguments):
    monkeypatch.setenv("MBFLOW_ENVIRONMENT", "staging")
    assert trial(*arguments) == refusal("prod", " -e prod")


def test_programs_get_the_same_commands(trial):
    _, out, _ = trial("trial", "-e", "prod", "--format", "json")
    details = json.loads(out)["error"]["details"]
    assert details == ["To see:", "    mbflow plan -e prod", "    mbflow show"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("mbflow apply plan.json", "mbflow apply plan.json -e 'a b'"),
        ("mbflow forget 'x y'", "mbflow forget 'x y' -e 'a b'"),
        ("mbflow plan -e prod", "mbflow plan -e prod"),
        ("mbflow emulate --list-quirks", "mbflow emulate --list-quirks"),
        ("mbflow import -- -x", "mbflow import -- -x"),
        ("git checkout", "git checkout"),
        ("--allow menu", "--allow menu"),
    ],
)
def test_only_commands_that_lack_a_name_get_one(words, named):
    assert str(complete(Command(*shlex.split(words)), "a b", None)) == named


@pytest.mark.parametrize(
    ("words", "placed"),
    [
        ("mbflow plan", "mbflow -C 'a b' plan"),
        ("mbflow emulate --list-quirks", "mbflow -C 'a b' emulate --list-quirks"),
        ("mbflow -C x plan", "mbflow -C x plan"),
        ("git checkout", "git -C 'a b' checkout"),
        ("git -C .. add -- a", "git -C 'a b/..' add -- a"),
        ("rm flows/a.yaml", "rm 'a b/flows/a.yaml'"),
        ("rm /x/a.yaml", "rm /x/a.yaml"),
        ("sed -i s/a/b/ mbflow.lock.yaml", "sed -i s/a/b/ 'a b/mbflow.lock.yaml'"),
        ("--allow menu", "--allow menu"),
    ],
)
def test_only_commands_that_lack_a_folder_get_one(words, placed):
    assert str(complete(Command(*shlex.split(words)), None, "a b")) == placed


def test_a_text_that_reads_like_a_command_is_a_text():
    lines = ["mbflow plan tells more", "    mbflow adopt 'open"]
    assert render(lines, {"to_name": "a b", "to_visit": "x"}) == lines


@pytest.mark.parametrize("before", [True, False])
def test_a_folder_that_was_given_is_given_on(trial, tmp_path, before):
    place = ["-C", str(tmp_path)]
    arguments = [*place, "trial"] if before else ["trial", *place]
    _, _, err = trial(*arguments, "-e", "prod")
    assert f"      mbflow -C {tmp_path} plan -e prod\n" in err


def test_wrong_usage_is_an_error(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    (tmp_path / "mbflow.yaml").write_text("environments: {staging: {endpoint: embedded}}\n")
    assert cli.exit_code_of(["-C", str(tmp_path), "plan"]) == UsageError.exit_code
    assert capsys.readouterr().err == (
        "Error: Which environment? This project has staging and local.\n"
        "  Name one: -e staging, or MBFLOW_ENVIRONMENT=staging.\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["paln"], "Error: No such command 'paln'. Did you mean \"plan\"?"),
        (["frobnicate"], "Error: No such command 'frobnicate'."),
        (["--plan"], "Error: No such option '--plan'."),
    ],
)
def test_a_misspelt_verb_is_guessed(capsys, words, told):
    assert cli.exit_code_of(words) == UsageError.exit_code
    assert capsys.readouterr().err.splitlines()[1] == told
