"""Completion as a person has it: Tab pressed in bash, zsh and fish, and what the line then says.

Bash and zsh put all candidates into the line here; printf then tells which words the shell reads in
it. So what is inserted is the name itself, whatever quotes it takes.
"""

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from mbflow.cli.candidates import answer, find_candidates
from mbflow.cli.main import VERBS, main
from mbflow.rules import RULES

from . import on_a_terminal
from .conftest import LONGEST
from .test_loaded_modules import SLOW, ours

NAMES = ["a:b", "menu", "odd/$HOME", "odd/50%=x(1)", "odd/büro am see", "odd/d\"q'"]
ENTRY = (
    '    {}: {{id: 7f3c2f8e-5b7e-4d37-9d5c-0d0c5a3b2f1{}, sent: "abcdef0123456789", live: ab}}\n'
)
LOCK = "environments:\n  staging:\n{}<<<<<<< ours\n{}=======\n  production:\n{}"
PROJECT = """\
project: phone
environments:
  staging: {endpoint: https://voice.example.com, variables: {a: [1, {b: 2}]}}
  "prod uk":
    endpoint: https://voice.example.com
flows: calls
"""

FEW = [
    ("mbflow", "va", ["validate"]),
    ("mbflow graph", "odd/", [name for name in NAMES if name.startswith("odd/")]),
    ("mbflow plan -e", "", ["staging", "prod uk", "local"]),
]
"""The words before, what is typed of the next one, and all that it may become."""
MANY = [
    ("mbflow numbers", "as", ["assign"]),
    ("mbflow plan", "--detailed-e", ["--detailed-exitcode"]),
    ("mbflow plan --format", "js", ["json"]),
    ("mbflow -e", "p", ["prod uk"]),
    ("mbflow -e staging", "expl", ["explain"]),
    ("mbflow plan", "--environment=st", ["--environment=staging"]),
    ("mbflow graph", "a:", ["a:b"]),
    ("mbflow graph menu", '"odd/b', ["odd/büro am see"]),
    ("mbflow graph", "odd/büro\\ am", ["odd/büro am see"]),
    ("mbflow -C ../phone/calls graph", "m", ["menu"]),
    ("mbflow graph -C ~/phone", "m", ["menu"]),
    ("mbflow plan --target", "go", ["gone away"]),
    ("mbflow forget", "", ["gone away", "menu", "survey"]),
    ("mbflow forget -e production", "", ["survey"]),
    ("mbflow explain", "unknown-g", ["unknown-goto"]),
    ("mbflow calendar show", "", ["office"]),
    ("mbflow schema", "call-", ["call-flow"]),
    ("mbflow emulate --quirk", "put-m", ["put-merges"]),
    ("mbflow completion", "z", ["zsh"]),
    ("mbflow show", "pl", ["plan.json"]),
    ("mbflow plan", "--out=pl", ["--out=plan.json"]),
    ("mbflow validate", "calls/men", ["calls/menu.yaml"]),
]
BASH = "bind '\"\\t\": insert-completions'"
ZSH = """\
autoload -Uz compinit; compinit -u
zle -C all complete-word _generic; bindkey '^I' all
zstyle ':completion:all:*' insert yes; zstyle ':completion:all::::' completer _all_matches _complete
"""


@pytest.fixture
def phone(tmp_path, monkeypatch):
    """A project in the home folder, and a person who is in it."""
    folder = tmp_path / "phone"
    for name in NAMES:
        path = folder / "calls" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("steps: [")
    (folder / "calendars").mkdir()
    (folder / "calendars/office.yaml").touch()
    (folder / "plan.json").touch()
    (folder / "mbflow.yaml").write_text(f"{PROJECT}half: [typed")
    sides = ENTRY.format("menu", 1), ENTRY.format('"gone away"', 2), ENTRY.format("survey", 3)
    (folder / "mbflow.lock.yaml").write_text(LOCK.format(*sides))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def needed(shell):
    """Skip where the shell is not there; where all is to be there, fail."""
    if shutil.which(shell) is None:
        assert os.environ.get("CI") != "true", f"{shell} is missing: .ci/run installs it"
        pytest.skip(f"{shell} is not installed, so its completion is not tried")


def environ(home):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "TERM": "dumb", "LANG": "C.UTF-8", "PS1": "$ "}


class Shell:
    """A shell on a terminal, in a project."""

    def __init__(self, words, folder):
        self._answer = folder.parent / "answer"
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, on_a_terminal.__file__, os.ttyname(theirs), *words],
            cwd=folder,
            env=environ(folder.parent),
        )
        self._theirs = theirs

    def run(self, command):
        """Until it is done. The prompt shows no error meanwhile."""
        os.write(self._ours, f"{command}; echo EN''D\n".encode())
        shown, until = "", time.monotonic() + LONGEST
        while "END" not in shown:
            assert time.monotonic() < until, shown
            if select.select([self._ours], [], [], 0.05)[0]:
                shown += os.read(self._ours, 65536).decode(errors="replace")
        assert "rror" not in shown
        assert "not found" not in shown
        return shown

    def complete(self, line):
        """The words in the line after Tab: Ctrl-A and Ctrl-E put a command around them."""
        self.run(f"{line}\t\x01printf '%s\\0' \x05 > '{self._answer}'")
        return self._answer.read_text().rstrip("\0").split("\0")

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
        os.close(self._theirs)


def after_tab(shell, words, setup, folder, cases):
    """Case to words, in one shell."""
    needed(shell)
    one = Shell(words, folder)
    try:
        one.run(f'{setup}\neval "$(mbflow completion {shell})"')
        return {(before, typed): one.complete(f"{before} {typed}") for before, typed, _ in cases}
    finally:
        one.close()


def expected(folder, cases):
    home = str(folder.parent)
    return {
        (before, typed): [*before.replace("~", home).split(), *names]
        for before, typed, names in cases
    }


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=len)
class TestTab:
    def test_in_bash(self, cases, phone):
        words = ["bash", "--norc", "--noprofile", "-i"]
        assert after_tab("bash", words, BASH, phone, cases) == expected(phone, cases)

    @pytest.mark.long
    def test_in_zsh(self, cases, phone):
        found = after_tab("zsh", ["zsh", "-f", "-i"], ZSH, phone, cases)
        assert found == expected(phone, cases)

    def test_in_fish(self, cases, phone):
        """By its own command for it, which gives a value and its help."""
        needed("fish")
        lines = [f"{before} {typed}" for before, typed, _ in cases]
        program = "mbflow completion fish | source; for line in $argv; complete -C $line; echo; end"
        done = subprocess.run(
            ["fish", "--no-config", "-c", program, *lines],
            cwd=phone,
            env=environ(phone.parent),
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        assert done.stderr == ""
        found = [block.splitlines() for block in done.stdout.split("\n\n")[:-1]]
        assert [[line.partition("\t")[0] for line in one] for one in found] == [
            names for _, _, names in cases
        ]


def offered(*words):
    return [item.value for item in find_candidates(main, list(words[:-1]), words[-1])]


def test_verbs_rules_and_options_come_with_their_help(phone):
    helps = {item.value: item.help for item in find_candidates(main, [], "")}
    assert helps == VERBS
    (rule,) = find_candidates(main, ["explain"], "unknown-goto")
    assert rule.help == RULES["unknown-goto"].summary
    (option,) = find_candidates(main, ["plan"], "--detailed-e")
    assert option.help == "Exit with 2 when changes are pending."


def test_names_come_where_there_is_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert offered("graph", "") == []
    assert offered("plan", "-e", "") == ["local"]
    assert offered("forget", "") == []
    assert offered("pl") == ["plan"]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda path: path.write_bytes(b"environments: \x00\xff{"),
        lambda path: path.write_text("environments: {staging: 1}}"),
        lambda path: path.write_text("- environments\n- {flows: 1}"),
        lambda path: path.write_text("environments: {[1]: 2, *a : 3, ? {b: c} : 4}"),
        lambda path: path.write_text('environments: {"a\\nb": 1, "\\e[31mred": 1}'),
        lambda path: path.mkdir(),
        lambda path: os.mkfifo(path),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to("mbflow.yaml"),
    ],
    ids=["bytes", "braces", "list", "keys", "signs", "folder", "pipe", "device", "loop"],
)
def test_nothing_is_said_of_what_is_broken(break_it, tmp_path, monkeypatch, capfd):
    """All that is left is offered; a name of two lines is not."""
    monkeypatch.chdir(tmp_path)
    break_it(tmp_path / "mbflow.yaml")
    break_it(tmp_path / "mbflow.lock.yaml")
    assert offered("plan", "-e", "") in (["local"], ["staging", "local"])
    assert offered("graph", "") == offered("forget", "") == []
    answer(main, "zsh_complete", ["plan", "-e", "lo"])
    assert capfd.readouterr() == ("+local\t\n", "")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("bash_complete", []),
        ("bash_complete", ["mbflow 'a \\", "\\"]),
        ("bash_complete", ["mbflow plan --format=x=", "="]),
        ("zsh_complete", ["-C", "/nowhere", "graph", ""]),
        ("zsh_complete", ["-C", "..", "plan", "-C", "..", "-e", ""]),
        ("zsh_complete", ["plan", "--no-such", "-e", ""]),
        ("zsh_complete", ["--help", "plan", "--", "-e"]),
        ("zsh_complete", ["--version", "emulate", "--list-quirks", "--list-faults", "--se"]),
        ("fish_complete", ["plan", "--target", "\udcff"]),
        ("fish_complete", ["flows", "nothing", "x", "'"]),
        ("powershell_complete", ["pl"]),
        ("", ["pl"]),
    ],
)
def test_no_line_brings_an_error_into_a_prompt(request_, words, phone, capfd):
    answer(main, request_, words)
    out, err = capfd.readouterr()
    assert err == ""
    assert [
        line for line in out.splitlines() if line[0] != "+" and line not in ("file", "dir")
    ] == []


def test_nothing_is_said_in_a_folder_that_is_gone(tmp_path, monkeypatch, capfd):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    answer(main, "zsh_complete", ["graph", ""])
    assert capfd.readouterr() == ("", "")


def test_names_load_little_and_send_nothing(phone):
    program = (
        "import sys; from mbflow.cli import candidates, main; c = candidates.find_candidates; "
    )
    program += "print(len([*c(main.main, ['graph'], 'odd')]), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    count, *names = done.stdout.split()
    assert count == "4"
    assert not {*names} & {*SLOW, "socket"} - {"yaml"}, "calls: is in mbflow.yaml"
    assert not [name for name in ours(names) if name.startswith(("mbflow.api", "mbflow.plan"))]
