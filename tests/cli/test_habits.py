"""Words of other tools: one line that names the way here, and nothing that is not there."""

import re

import click
import pytest

from mbflow.cli import habits
from mbflow.cli.main import VERBS, main

from .conftest import run_here
from .test_given_twice import commands

ANSWERS = {
    "destroy": "mbflow has no destroy: remove the file of a flow, and the next `mbflow apply`"
    " deletes its live flow.",
    "-e staging refresh": "mbflow has no refresh: the account itself is read by every"
    " `mbflow plan`; there is no state to keep.",
    "state list": "mbflow has no state: `mbflow flows list` lists the live flows;"
    " mbflow.lock.yaml has their names.",
    "state rm menu": "mbflow has no state: `mbflow forget FLOW` takes a name out of the lock, and"
    " leaves its live flow.",
    "workspace select x": "mbflow has no workspace: environments stand in mbflow.yaml, and"
    " `mbflow plan -e NAME` takes one.",
    "up --yes": "mbflow has no up: `mbflow apply` makes the live flows what the files say.",
    "preview": "mbflow has no preview: `mbflow plan` shows what would change, and changes nothing.",
    "lint .": "mbflow has no lint: `mbflow validate` checks the files, and `mbflow test` makes the"
    " simulated calls.",
    "get menu": "mbflow has no get: `mbflow flows get FLOW` prints a live flow; `mbflow plan` needs"
    " nothing fetched before.",
    "flows ls": "mbflow flows has no ls: `mbflow flows list` does that.",
    "flows show menu": "mbflow flows has no show: `mbflow flows get` does that.",
    "calls stop x": "mbflow calls has no stop: `mbflow calls hangup` does that.",
    "numbers bind x": "mbflow numbers has no bind: `mbflow numbers assign` does that.",
    "apply --dry-run": "mbflow apply has no --dry-run: `mbflow plan` changes nothing and shows what"
    " apply would do.",
    "--dry-run apply": "mbflow has no --dry-run: `mbflow plan` changes nothing and shows what apply"
    " would do.",
    "apply -n": "mbflow apply has no -n: `mbflow plan` changes nothing and shows what apply would"
    " do.",
    "apply --doit": "mbflow apply has no --doit: write --auto-approve.",
    "plan -target=menu": "mbflow plan has no -target: write --target.",
    "plan --var a=b": "mbflow plan has no --var: values stand in mbflow.yaml under variables;"
    " `env: NAME` takes a process variable.",
    "plan -var a=b": "mbflow plan has no -var: values stand in mbflow.yaml under variables;"
    " `env: NAME` takes a process variable.",
    "plan -out=plan": "mbflow plan has no -out: write --out.",
    "plan -out plan": "mbflow plan has no -out: write --out.",
    "plan -detailed-exitcode": "mbflow plan has no -detailed-exitcode: write --detailed-exitcode.",
    "apply -detailed-exitcode": "mbflow apply has no -detailed-exitcode:"
    " `mbflow plan --detailed-exitcode` ends with 2 for changes.",
    "show -json p": "mbflow show has no -json: write --format json.",
    "graph --json": "mbflow graph has no --json: write --format json.",
    "--json plan": "mbflow has no --json: every verb writes a document:"
    " `mbflow plan --format json`.",
    "apply -parallelism=4": "mbflow apply has no -parallelism: write --parallelism.",
    "plan -lock=false": "mbflow plan has no -lock: runs in a folder take turns, always; nothing"
    " stays locked behind them.",
    "-chdir=live plan": "mbflow has no -chdir: write -C.",
    "apply -input=false": "mbflow apply has no -input: only a terminal is asked:"
    " `mbflow apply --auto-approve`, or a saved plan, is not.",
    "plan -no-color": "mbflow plan has no -no-color: colour is for terminals only; with NO_COLOR=1"
    " in the environment there is none.",
    "plan -destroy": "mbflow plan has no -destroy: remove the flows' files, and `mbflow plan` shows"
    " what is then deleted.",
    "plan -replace=menu": "mbflow plan has no -replace: every flow that is not as its file says is"
    " written by the next `mbflow apply`.",
    "format -check": "mbflow has no format: `mbflow fmt` writes the files in one style.",
    "validate -check": "mbflow validate has no -check: `mbflow fmt --check` names the files that it"
    " would rewrite.",
    "fmt -check": "mbflow fmt has no -check: write --check.",
    # Each begins with a letter that is an option.
    "page -out plan.html": "mbflow page has no -out: write --output.",
    "plan -environment=live": "mbflow plan has no -environment: write --environment.",
    "plan -env live": "mbflow plan has no -env: write --environment.",
    "plan -help": "mbflow plan has no -help: write --help.",
}


@pytest.mark.parametrize("line", ANSWERS)
def test_words_of_other_tools_are_answered_in_one_line(line, tmp_path):
    told = (64, "", f"Error: {ANSWERS[line]}\n")
    assert run_here(line.split(), tmp_path, {}) == told
    assert list(tmp_path.iterdir()) == [], "nothing was written"


SEE = "  To see what there is:\n"


@pytest.mark.parametrize("line", ["help nosuch", "-v", "nosuch", "--nosuch", "calls nosuch"])
def test_who_is_lost_is_led_to_the_help(line, tmp_path):
    group = "mbflow calls" if line.startswith("calls") else "mbflow"
    code, out, err = run_here(line.split(), tmp_path, {})
    assert (code, out) == (64, "")
    assert err.endswith(f"{SEE}      {group} --help\n")


def test_a_guess_is_near(tmp_path):
    for word, guess in (("--nosuch", False), ("--trget", True), ("--formt", True)):
        err = run_here(["plan", word], tmp_path, {})[2]
        assert ("Did you mean" in err, SEE in err) == (guess, not guess), err


def test_a_word_that_nobody_knows_is_shown_whole(tmp_path):
    for word, shown in (("-foo-bar=1", "-foo-bar"), ("-xe", "-xe")):
        _, _, err = run_here(["plan", word], tmp_path, {})
        assert err.endswith(f"Error: No such option '{shown}'.\n{SEE}      mbflow plan --help\n")
    assert "No such command 'nonsense'" in run_here(["nonsense"], tmp_path, {})[2]


def test_letters_with_their_value_are_taken(tmp_path):
    """Also a value that looks like an option of another tool."""
    (tmp_path / "hdir").mkdir()
    (tmp_path / "phone/flows").mkdir(parents=True)
    for words, told in (
        (["plan", "-elocal"], "holds no project"),
        (["-Chdir", "plan"], "hdir holds no project"),
        (["-Cphone", "test", "--name", "-target"], 'No call has "-target" in its name.'),
        (["validate", "--", "-out"], "There is no file, folder or flow -out."),
    ):
        assert told in run_here(words, tmp_path, {})[2]


@pytest.mark.parametrize("words", ["plan", "calls list", ""])
def test_help_is_a_verb_too(words, tmp_path):
    path = words.split()
    asked = run_here(["help", *path], tmp_path, {})
    assert asked == run_here([*path, "--help"], tmp_path, {})
    assert (asked[0], asked[2]) == (0, "")


def test_a_verb_of_another_tool_is_none_of_ours():
    assert not VERBS.keys() & habits.VERBS.keys()


def test_all_that_an_answer_names_is_there():
    known = dict(commands())
    answers = {*habits.VERBS.values(), *habits._STATE.values()}
    answers |= {answer for _, answer in habits.OPTIONS.values()}
    named = {one for answer in answers for one in re.findall("`mbflow (.+?)`", answer)}
    assert len(named) > 20
    for line in named:
        words, path = line.removeprefix("-C DIR ").split(), ()
        while words and (*path, words[0]) in known:
            path = (*path, words.pop(0))
        command = known.get(path, main)
        names = {name for one in command.params for name in one.opts}
        assert path or names & {*words}, line
        assert {word for word in words if word.startswith("-")} <= names, line
        assert isinstance(command, click.Group) is not bool(path), line


def test_each_option_in_the_place_of_another_is_there():
    known = {name for _, command in commands() for one in command.params for name in one.opts}
    known |= {name for one in main.params for name in one.opts}
    same = {one for own, _ in habits.OPTIONS.values() for one in own}
    assert {one.split()[0] for one in same} <= known
