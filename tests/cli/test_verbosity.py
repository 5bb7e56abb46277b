"""`-q` and `-v`: what is said beside the result, before and after every verb."""

import re

import click
import pytest
from apply.world import say

from mbflow.cli.main import VERBS, main

from .conftest import KEY

LINE = r"(GET|POST|PUT) /\S* (\d{3}) \d+ ms \d+ (B|kB)"
SECRET = "s3cret/Token Of The Line"
QUOTED = "s3cret%2FToken%20Of%20The%20Line"


def commands(command=main, words=()):
    """Each command of the program, with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                yield from commands(command.get_command(context, name), (*words, name))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-v", "plan", "-q"], "Say either -q or -v."),
        (["plan", "-q", "--verbose"], "Say either -q or -v."),
        (["-q", "plan", "--quiet"], "-q is given twice."),
        (["plan", "-vv"], "-v is given twice."),
        (["calls", "-v", "list", "-v"], "-v is given twice."),
    ],
)
def test_one_of_them_and_once(project, words, told):
    code, out, err = project.run(*words)
    assert (code, out) == (64, "")
    assert f"Error: {told}\n" in err


def test_every_command_takes_them():
    assert len(VERBS) > 20
    for words, command in commands():
        names = [name for one in command.params for name in one.opts]
        assert names.count("-q") == names.count("-v") == 1, words


@pytest.mark.parametrize("words", [["-v", "plan"], ["plan", "-v"]])
def test_a_line_a_request(applied, service, words):
    before = len(service.sent("GET"))
    code, out, err = applied.run(*words)
    assert code == 0
    lines = err.splitlines()
    assert [line for line in lines if not re.fullmatch(LINE, line)] == []
    assert len(lines) == len(service.sent("GET")) - before > 0
    assert lines[0].startswith("GET /call-flows?page=1&perPage=100 200 ")
    assert out == applied.run("plan")[1]


def test_a_retry_is_a_line_with_its_reason_and_wait(applied, service):
    service.faults("GET /call-flows 503 nth=1", "GET /call-flows reset nth=2")
    _, _, err = applied.run("plan", "-v")
    lines = [re.sub(r"\d+(\.\d)? (ms|s|B|kB)", "N", line) for line in err.splitlines()]
    head = "GET /call-flows?page=1&perPage=100"
    broken = "the connection broke before the whole answer had come"
    assert lines == [
        f"{head} 503 N N",
        f"{head} again in N: 503",
        f"{head} failed N: {broken}",
        f"{head} again in N: {broken}",
        f"{head} 200 N N",
    ]


def test_neither_key_nor_secret_is_in_the_lines(applied, service, monkeypatch):
    variables = {"line": {"env": "LINE_TOKEN", "secret": True}}
    applied.save(variables=variables)
    for words in (["calls", "get", SECRET], ["calls", "get", KEY], ["flows", "get", SECRET]):
        _, _, err = applied.run(*words, "-v", environ={"LINE_TOKEN": SECRET})
        sent = [line for line in err.splitlines() if line.startswith("GET")]
        assert sent, err
        assert not [line for line in sent for text in (SECRET, QUOTED, KEY) if text in line]
        assert re.search(r"/\[(secret|access key)\] 404 ", sent[0])


def test_the_emulator_in_this_process_is_told_of_too(project):
    project.write("a", say("Hello", "A"))
    _, _, err = project.run("apply", "-e", "local", "--auto-approve", "-v")
    assert re.search(r"POST /call-flows 201 \d+ ms [1-9]\d* B\n", err)


def test_quiet_says_only_what_is_wrong(project):
    project.write("a", say("Hello", "A"))
    code, out, err = project.run("-q", "apply", "--auto-approve")
    assert (code, err) == (0, "")
    assert "1 done. " in out
    assert project.run("flows", "list", "-q")[2] == ""
    assert "1 call flow in production" in project.run("flows", "list")[2]
    assert project.run("plan", "-q", "--out", "plan.json")[2] == ""
    code, _, err = project.run("-q", "flows", "get", "b")
    assert (code, err.splitlines()[0].split()[:2]) == (1, ["Error:", "production"])


def test_they_are_in_no_command_to_copy(project):
    project.write("a", say("Hello", "A"))
    code, _, err = project.run("apply", "-v")
    assert code == 64
    assert "    mbflow plan --out plan.json" in err
    assert not [line for line in err.splitlines() if line.startswith("    ") and " -v" in line]


def test_offline_verbs_take_them(project):
    project.write("a", say("Hello", "A"))
    for said in ("-q", "-v"):
        assert project.run(said, "validate")[0] == 0
        assert project.run("graph", said)[0] == 0
