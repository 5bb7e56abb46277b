"""The table of all calls of a flow, and the page's walker that walks it.

What needs Node is left out where there is none; `make node` makes many more calls.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import MappingProxyType

import pytest
from builders import flow, hangup, pause, say, transfer, when
from dial_calls import CALLS, events_of, lines, made_up, worked_example

from mbflow.cli.main import exit_code_of
from mbflow.flow.steps import parse_program
from mbflow.model.project import Environment
from mbflow.project.yaml.document import read_yaml
from mbflow.testing.call_document import parse_calls
from mbflow.testing.dial_table import DIAL_RULES, dial_table
from mbflow.testing.expectations import run_call

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="walks calls in Node, which is not here")
COUNTS = pytest.mark.parametrize("count", [200, pytest.param(800, marks=pytest.mark.long)])


def table_of(*steps, **top):
    return dial_table(parse_program("main", flow(*steps, **top)))


def size(value):
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def walk(found, *options):
    """What walker.mjs prints of the calls of these flows, line by line."""
    fed = "\n".join(map(json.dumps, found))
    ran = subprocess.run(
        [NODE, ROOT / "tests" / "walker.mjs", ROOT, *options],
        input=fed,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout.splitlines()


def call_file(saved):
    """Without the calls that nothing ends, which fail in every call file; "" without any."""
    calls = [call for call in json.loads(saved) if "    within: 1h" not in call]
    return "\n".join(["calls:", *calls, ""]) if calls else ""


def course(events):
    """What happened but for its times, and for keys that made no difference."""
    told = [(kind, text) for _, _, kind, text in events if kind not in ("press", "pause")]
    return [(kind, re.sub(r", [\d.]+ s", "", text)) for kind, text in told]


def saved(program, acts, *, wordings=MappingProxyType({}), **others):
    """The call that somebody walks, as the page saves it."""
    call = {"acts": acts, "outcomes": {}, "failing": [], **others}
    line = {"table": dial_table(program, wordings), "rules": DIAL_RULES, "calls": [call]}
    return json.loads(walk([line], "save")[0])[0].splitlines()


def menu(count):
    """A flow of many menus, one below the other, each with its own keys."""
    steps = []
    for number in range(count // 5):
        keys = {"onKeypressGoto": f"chosen-{number}", "onKeypressVar": f"choice-{number}"}
        steps += [
            say(f"Menu {number}. Press 1 for sales, or 2 to go on.", **keys),
            pause(6, **keys),
            hangup(),
            transfer(
                "31201234567",
                id=f"chosen-{number}",
                conditions=[when(f"choice-{number}", "1")],
            ),
            say("You go on.", conditions=[when(f"choice-{number}", "2")]),
        ]
    return steps


def test_a_situation_says_where_each_way_leads():
    found = table_of(
        say("Press 1.", onKeypressGoto="chosen", onKeypressVar="choice"),
        hangup(),
        transfer("31201234567", id="chosen", conditions=[when("choice", "1")]),
        hangup(),
    )
    end = {"end": {"kind": "hangup", "text": "hangup"}}
    chosen = next(n for n, each in enumerate(found["situations"]) if each.get("step") == 2)
    assert found["begin"] == [0]
    assert found["situations"][0] == {"step": 0, "next": end, "keys": {"": end, "1": chosen}}
    assert found["steps"]["0"]["keys"] == {"end": "", "most": 1, "variable": "choice"}
    assert found["situations"][chosen]["unanswered"] == end


def test_the_worked_example_is_a_small_table():
    tables = [dial_table(program) for program in worked_example()]
    assert len(tables) == 9 and all(isinstance(table, dict) for table in tables)
    assert size(tables) + size(DIAL_RULES) < 20_000


def test_the_table_of_a_long_flow_of_menus_is_bounded():
    assert size(table_of(*menu(500))) < 150_000


def test_a_flow_of_too_many_calls_has_none():
    steps = [
        say(f"Key {number}?", onKeypressVar=f"v{number}", onKeypressGoto=f"after-{number}")
        | ({"id": f"after-{number - 1}"} if number else {})
        for number in range(16)
    ]
    conditions = [when(f"v{number}", "1") for number in range(16)]
    ends = [say("Well done.", id="after-15", conditions=[one]) for one in conditions]
    assert table_of(*steps, *ends) == "It has too many different calls to list them all."


def test_a_flow_that_a_reference_steers_has_none():
    found = table_of(say("Hello.", onKeypressGoto="${there}"), hangup(id="${there}"))
    assert found == "What steers its calls is a secret, or a variable without a value."


def test_the_table_holds_no_secret():
    raw = flow(say("The code is 4711."), transfer("31207654321"))
    body = flow(say("The code is ${code}."), transfer("${desk}"))
    found = json.dumps(dial_table(parse_program("main", body, raw)))
    assert "${code}" in found and "4711" not in found and "31207654321" not in found


@needs_node
@COUNTS
def test_the_walker_makes_the_calls_of_the_simulator(count):
    told = f"{count} calls are the same in the walker and in the simulator."
    assert walk(lines(count)) == [told]


@needs_node
@COUNTS
def test_saved_calls_of_drawn_flows_pass(count):
    programs = {program.name: program for program in made_up(count)}
    found = [line for line in lines(count) if line["name"] in programs]
    files = map(call_file, walk(found, "save"))
    for line, file in zip(found, files, strict=True):
        if not file:
            continue
        document = read_yaml(file.encode()).data
        read = parse_calls(document, {"test": Environment("test")}, "test", lambda path: "")
        assert not read.mistakes and not read.problems
        for call in read.calls:
            fetched = dict.fromkeys(call.fetches)
            transcript, failures = run_call(call, programs[line["name"]], fetched)
            assert not failures, call
            if not call.name.endswith("midway"):
                walked = next(one for one in line["calls"] if str(one["number"]) == call.name)
                assert course(walked["expected"]["events"]) == course(events_of(transcript))


@needs_node
def test_a_saved_call_reads_like_one_that_a_person_wrote():
    (support,) = [one for one in worked_example() if one.name == "support/menu"]
    acts = [["press", "2", 8123], ["wait", 9000], ["say", "Call me."], ["press", "#", 20500]]
    heard = '"Welcome to Acme. For sales, press", "Your message is recorded. Please speak"'
    assert saved(support, acts) == [
        '  - name: "presses 2, speaks, presses #"',
        '    does: [{press: "2"}, {say: "Call me."}, {press: "#"}]',
        f"    hears: [{heard}]",
        "    ends: hangup",
    ]


@needs_node
def test_a_saved_call_keeps_the_times_that_it_needs():
    keys = {"onKeypressVar": "x", "onKeypressGoto": "again", "maxNumKeys": 3}
    asks = [say("Yes?", id="again", **keys), say("Still there?", **keys)]
    body = flow(*asks, transfer("31201234567"), transfer("31207654321"))
    acts = [["press", key, at] for key, at in (("1", 300), ("2", 900), ("3", 1300), ("4", 2000))]
    outcomes = {"31201234567": "busy", "31207654321": "answered"}
    assert saved(parse_program("main", body), acts, outcomes=outcomes) == [
        '  - name: "presses 123, presses 4, 31201234567 busy"',
        '    does: [{wait: 300ms}, {press: "123"}, {wait: 700ms}, {press: "4"}]',
        '    world: {transfers: {"31201234567": busy}}',
        '    hears: ["Yes?", "Still there?"]',
        '    ends: {transferred: "31207654321"}',
    ]


@needs_node
def test_a_saved_call_names_variables_as_the_file_does():
    program = parse_program("main", flow(transfer("31201234567"), transfer("31207654321")))
    wordings = {"31201234567": "${sales}", "31207654321": "${desk}"}
    outcomes = {"31201234567": "no_answer", "31207654321": "answered"}
    assert saved(program, [], wordings=wordings, outcomes=outcomes) == [
        '  - name: "a caller who only listens, sales no answer"',
        '    world: {transfers: {"${sales}": no_answer}}',
        '    ends: {transferred: "${desk}"}',
    ]


@needs_node
def test_saved_calls_of_the_worked_example_pass(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    shutil.copytree(ROOT / "calendars", tmp_path / "calendars")
    shutil.copy(ROOT / "mbflow.yaml", tmp_path)
    found = [*lines(9 * CALLS)]
    for line, saved in zip(found, walk(found, "save"), strict=True):
        (tmp_path / "flows" / f"{line['name']}.calls.yaml").write_text(call_file(saved))
    monkeypatch.chdir(tmp_path)
    assert exit_code_of(["test"]) == 0, capsys.readouterr().out
