"""Promises in `mbflow test`, `validate` and `plan`: a broken one with the call that breaks it."""

import textwrap
from xml.etree import ElementTree

import pytest

from mbflow.testing.promises import Decisions

TREE = """\
title: Desk
steps:
  - action: say
    options: {payload: "Welcome. Press 1 for a message.", language: en-GB, voice: female}
    onKeypressGoto: chosen
    onKeypressVar: key
  - action: transfer
    options: {destination: "${sales}"}
  - action: hangup
  - id: chosen
    action: say
    options: {payload: "Please speak.", language: en-GB, voice: female}
    conditions: [{variable: key, operator: "==", value: "1"}]
  - action: record
    options: {maxLength: 60, timeout: 5}
  - action: hangup
"""


@pytest.fixture
def desk(project):
    (project.root / "flows/menu.yaml").unlink()
    project.write("flows/desk.yaml", TREE)
    return project


def promise(project, *claims, **more):
    """The project with promises of these claims, each as a flow mapping without braces."""
    lines = [f"  - {{name: p{n}, flows: '**', {claim}}}" for n, claim in enumerate(claims)]
    text = (project.root / "mbflow.yaml").read_text()
    project.write("mbflow.yaml", text + "promises:\n" + "\n".join(lines) + "\n")


HOLDING = [
    "can_reach: {action: record}, except: []",
    "silent_caller: {ends: [transferred, hangup], within: 40s}",
    "before: {action: record}, heard: {text: welcome, whole: false}, level: warning",
    "every: {action: transfer}, destination: ['${sales}']",
    "at_most: {options: 1, menus: 1}",
]
BROKEN = {
    "can_reach: {transfer: any}": "no way leads to a transfer",
    "can_reach: {transfer: any, within: 1s}": "it takes 2.1 s to come to a transfer",
    "silent_caller: {ends: [transferred]}": "comes to the end hangup",
    "silent_caller: {ends: [transferred, hangup], within: 30s}": "hangup after 32.1 s",
    "before: {action: record}, heard: {text: Please speak}": "was not heard to the end",
    "before: {action: record}, heard: {text: is recorded}": "was not heard to the end",
    "every: {action: transfer}, destination: ['31*']": "Step 2 rings 442079460111",
    "at_most: {menus: 0}": "Callers answer 1 question in a row",
}
SHOWS = {
    "can_reach: {transfer: any}": "record  ivr",
    "can_reach: {transfer: any, within: 1s}": "0:02.1    2  dial",
    "silent_caller: {ends: [transferred]}": "end     hangup",
    "silent_caller: {ends: [transferred, hangup], within: 30s}": "0:32.1       end     hangup",
    "before: {action: record}, heard: {text: Please speak}": "record  ivr",
    "before: {action: record}, heard: {text: is recorded}": "record  ivr",
    "every: {action: transfer}, destination: ['31*']": "dial    442079460111",
    "at_most: {menus: 0}": "input",
}
"""What the transcript of the call shows that breaks the promise."""


def test_what_holds_is_counted(desk):
    promise(desk, *HOLDING)
    ran = desk.test()
    assert (ran.code, ran.out) == (0, "5 promises hold over 1 flow.\n")
    assert ran.err == ""


def item_of(out):
    """The item of a call file in what `mbflow test` printed."""
    lines = out.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("  - name:"))
    last = next(n for n in range(first, len(lines)) if not lines[n].startswith("  "))
    return textwrap.dedent("\n".join(lines[first:last])) + "\n"


@pytest.mark.parametrize("claim", BROKEN)
def test_a_broken_promise_prints_a_call_that_shows_it(desk, claim):
    promise(desk, claim)
    ran = desk.test()
    assert ran.code == 1
    assert ran.out.startswith("BROKEN desk: p0\nmbflow.yaml:8\n")
    assert BROKEN[claim] in ran.out
    assert ran.out.endswith("\n1 promise over 1 flow: 0 hold, 1 broken.\n")
    desk.calls(item_of(ran.out), "desk")
    replayed = desk.test("desk", "--update")
    assert "\n1 call: 1 passed.\n" in replayed.out, replayed.out + replayed.err
    assert SHOWS[claim] in (desk.root / "flows/desk.calls.txt").read_text()


def test_a_call_without_end_is_replayed_as_one(desk):
    desk.write("flows/desk.yaml", "steps: [{action: record, options: {finishOnKey: '#'}}]\n")
    promise(desk, "silent_caller: {ends: [hangup]}")
    item = item_of(desk.test().out)
    assert 'within: "1h"' in item
    desk.calls(item, "desk")
    assert "without end" in desk.test("--name", "p0:").out


def test_a_warning_is_told_and_fails_nothing(desk):
    promise(desk, "at_most: {menus: 0}, level: warning")
    ran = desk.test()
    assert ran.code == 0
    assert ran.out.startswith("BROKEN (warning) desk: p0\n")


FETCH = "title: Desk\nsteps: [{action: fetchCallFlow, options: {url: 'https://x.example'}}]\n"
UNDECIDED = [
    "can_reach: {transfer: any}",
    "silent_caller: {ends: [hangup, fetch_failed]}",
    "before: {action: record}, heard: {text: recorded}",
    "every: {action: transfer}, destination: '44*'",
    "at_most: {options: 5, menus: 2}",
]


@pytest.mark.parametrize("claim", UNDECIDED)
def test_what_is_not_decided_fails_unless_that_is_allowed(desk, claim):
    desk.write("flows/desk.yaml", FETCH)
    before = (desk.root / "mbflow.yaml").read_text()
    promise(desk, claim)
    ran = desk.test()
    assert ran.code == 1
    assert ran.out.startswith("NOT DECIDED desk: p0\n")
    desk.write("mbflow.yaml", before)
    promise(desk, f"{claim}, allow_undecided: true")
    ran = desk.test()
    assert (ran.code, ran.out) == (0, "1 promise over 1 flow: 0 hold, 1 not decided.\n")


MISSPELT = {
    "can_reech: {transfer: any}": 'no key "can_reech" here. Did you mean "can_reach"?',
    "can_reach: {transfr: any}": 'no key "transfr" here. Did you mean "transfer"?',
    "can_reach: {action: recrod}": 'no action "recrod". Did you mean "record"?',
    "can_reach: {transfer: any, within: soon}": 'within cannot be "soon".',
    "silent_calller: {ends: [hangup]}": 'Did you mean "silent_caller"?',
    "silent_caller: {ends: [hangup, transfered]}": 'Did you mean "transferred"?',
    "bevor: {action: record}": 'Did you mean "before"?',
    "before: {action: recording}, heard: {text: x}": 'Did you mean "record"?',
    "before: {action: record}, heard: {txt: x}": 'Did you mean "text"?',
    "evry: {action: transfer}, destination: '44*'": 'Did you mean "every"?',
    "every: {action: transfar}, destination: '44*'": 'Did you mean "transfer"?',
    "every: {action: transfer}, destination: '${saless}'": 'Did you mean "sales"?',
    "atmost: {menus: 2}": 'Did you mean "at_most"?',
    "at_most: {menues: 2}": 'Did you mean "menus"?',
    "at_most: {menus: 2}, level: eror": 'Did you mean "error"?',
    "at_most: {menus: 2}, exept: []": 'Did you mean "except"?',
    "at_most: {menus: 2}, except: [{flow: desk}]": "needs reason: why it is not promised of",
}
WRONG = {
    "level: error": "this one has none. Write one of can_reach, silent_caller,",
    "at_most: {menus: 2}, every: {action: transfer}, destination: '44'": "has every and at_most",
    "before: {action: record}": "before needs heard beside it.",
    "at_most: {menus: 1}, heard: {text: x}": "heard belongs to before: add that.",
    "every: {action: transfer}": "every needs destination beside it.",
    "can_reach: {within: 10s}": "can_reach needs either transfer or action.",
    "can_reach: {transfer: any, action: record}": "can_reach needs either transfer or action.",
    "at_most: {}": "at_most needs options, menus, or both.",
    "can_reach: {transfer: anybody}": '"anybody" is not a destination. Did you mean "any"?',
    "can_reach: {transfer: ['44', Any]}": '"Any" is not a destination. Did you mean "any"?',
    "can_reach: {transfer: the desk}": '"the desk" is not a destination. Write a number',
    "every: {action: transfer}, destination: any": '"any" is not a destination. Write a number',
    "every: {action: transfer}, destination: ['44*20']": '"44*20" is not a destination.',
    "every: {action: transfer}, destination: 442079460111": "destination must be text.",
}


@pytest.mark.parametrize("claim", [*MISSPELT, *WRONG])
def test_a_mistake_in_a_promise_has_its_place(desk, claim):
    promise(desk, claim)
    for verb in ("validate", "test"):
        ran = desk.run(verb)
        told = ran.out + ran.err
        assert ran.code == 1
        assert "mbflow.yaml:8:" in told
        assert (MISSPELT | WRONG)[claim] in told
        assert "Traceback" not in told


def test_two_promises_of_one_name_are_a_mistake(desk):
    text = (desk.root / "mbflow.yaml").read_text()
    one = "  - {name: a, flows: desk, at_most: {menus: 1}}\n"
    desk.write("mbflow.yaml", f"{text}promises:\n{one}{one}")
    assert 'mbflow.yaml:9:12: error: Another promise has the name "a".' in desk.run("validate").out


def test_a_promise_of_no_flow_is_warned_of(desk):
    text = (desk.root / "mbflow.yaml").read_text()
    claim = "at_most: {menus: 1}"
    desk.write(
        "mbflow.yaml",
        f"{text}promises:\n  - {{name: a, flows: deks, {claim}}}\n"
        f"  - {{name: b, flows: desk, {claim}, except: [{{flow: dsk, reason: x}}]}}\n",
    )
    ran = desk.run("validate")
    assert ran.code == 0
    assert '8:5: warning: Promise "a": No flow has a name like "deks".' in ran.out
    assert 'Did you mean "desk"?' in ran.out
    assert 'Promise "a": No flow has a name like "deks".' in desk.test().err
    assert '9:5: warning: Promise "b": The promise is not of "dsk". Did you mean "desk"?' in ran.out


def test_an_exception_is_no_flow_of_the_promise(desk):
    promise(desk, "at_most: {menus: 0}, except: [{flow: desk, reason: a test}]", HOLDING[0])
    assert desk.test().out == "1 promise holds over 1 flow.\n"


def test_names_and_paths_select_promises(desk):
    promise(desk, "at_most: {menus: 0}", HOLDING[4])
    desk.write("flows/other.yaml", "title: Other\nsteps: [{action: hangup}]\n")
    assert desk.test("--name", "P1").out == "1 promise holds over 2 flows.\n"
    assert desk.test("other").out == "2 promises hold over 1 flow.\n"
    assert desk.test("flows/desk.yaml", "--name", "p0").code == 1
    ran = desk.test("--name", "nothing of the kind")
    assert (ran.code, ran.out) == (64, "")


def test_a_variable_is_that_of_the_environment(desk):
    promise(desk, "every: {action: transfer}, destination: '442079460111'")
    assert desk.run("-e", "local", "test").code == 0
    ran = desk.run("-e", "staging", "test")
    assert "Step 2 rings 442079460222" in ran.out


def test_a_variable_of_another_environment_is_told(desk):
    text = (desk.root / "mbflow.yaml").read_text()
    desk.write("mbflow.yaml", text.replace('{sales: "442079460222"}', '{sales: "1", only: "1"}'))
    promise(desk, "every: {action: transfer}, destination: '${only}'")
    assert desk.run("-e", "staging", "test").code == 0
    for verb in ("test", "plan"):
        ran = desk.run("-e", "local", verb)
        assert ran.code == 1
        assert 'mbflow.yaml:8:5: error: There is no variable "only".' in ran.out + ran.err


def test_the_printed_call_cuts_the_notice(desk):
    desk.write("flows/desk.yaml", TREE.replace("Welcome.", "You are recorded."))
    promise(desk, "before: {action: record}, heard: {text: recorded}")
    ran = desk.test()
    assert 'press: "2"}, {say: "This is a message."}]' in ran.out
    assert 'hears: ["You"]' in ran.out


def test_a_number_rung_twice_may_answer_the_second_time(desk):
    rings = [
        f'  - {{action: transfer, options: {{destination: "${{sales}}"{more}}}}}\n'
        for more in ("", ", record: both")
    ]
    desk.write("flows/desk.yaml", f"title: Desk\nsteps:\n{''.join(rings)}  - action: hangup\n")
    promise(desk, "before: {action: record}, heard: {text: recorded}")
    ran = desk.test()
    assert ran.code == 1
    said = " ".join(ran.out.split())
    assert "a call file says once what 442079460111 does, and here it does two things." in said
    assert 'transfers: {"${sales}": busy}' in ran.out


def test_a_secret_is_never_shown(desk, monkeypatch):
    monkeypatch.setenv("ACME_PIN", "442079460999")
    desk.write("flows/desk.yaml", TREE.replace("${sales}", "${pin}"))
    promise(desk, "every: {action: transfer}, destination: ['4420794609*']")
    ran = desk.test()
    assert ran.code == 1
    assert "Step 2 rings ${pin}: a secret decides" in ran.out
    assert "442079460999" not in ran.out + ran.err + desk.test("--format", "json").out


def test_secret_keys_are_in_no_call(desk):
    behind = TREE.replace('conditions: [{variable: key, operator: "==", value: "1"}]', "")
    behind = behind.replace(
        "action: record",
        """action: transfer
    conditions: [{variable: key, operator: "==", value: "${pin}"}]""",
    )
    desk.write(
        "flows/desk.yaml", behind.replace("{maxLength: 60, timeout: 5}", "{destination: '31'}")
    )
    promise(desk, "every: {action: transfer}, destination: '${sales}'")
    ran = desk.test()
    assert (ran.code, ran.out) == (
        1,
        "NOT DECIDED desk: p0\nmbflow.yaml:8\nStep 5 rings 31, which is none of the promised "
        "destinations. That needs keys\nthat are a secret.\n\n"
        "1 promise over 1 flow: 0 hold, 1 not decided.\n",
    )


def test_json_tells_every_promise(desk):
    promise(desk, "at_most: {menus: 0}", HOLDING[4])
    broken, held = desk.test("--format", "json").json["promises"]
    assert held == {
        "promise": "p1",
        "flow": "desk",
        "environment": "local",
        "verdict": "holds",
        "level": "error",
        "passed": True,
        "file": "mbflow.yaml",
        "line": 9,
    }
    assert (broken["verdict"], broken["passed"]) == ("broken", False)
    assert broken["call"].startswith('- name: "p0: presses 1')


def test_junit_counts_promises(desk):
    promise(desk, "at_most: {menus: 0}", "at_most: {menus: 0}, level: warning", HOLDING[4])
    (suite,) = ElementTree.fromstring(desk.test("--format", "junit").out)
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("promises", "3", "1")
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["system-out"], []]


def test_markdown_folds_broken_promises(desk):
    promise(desk, "at_most: {menus: 0}")
    out = desk.test("--format", "markdown").out
    assert "**1 promise over 1 flow: 0 hold, 1 broken.**" in out
    assert "<summary>BROKEN desk: p0</summary>" in out
    assert "Callers answer 1 question in a row" in out


PLANNED = (
    'flows/desk.yaml:10:5: error: Promise "p0" (mbflow.yaml:8) is broken: Callers answer 1 question'
)


def test_a_plan_that_breaks_a_promise_is_none(desk):
    promise(desk, "at_most: {menus: 0}")
    ran = desk.run("-e", "local", "plan")
    assert ran.code == 1
    assert PLANNED in ran.out
    assert "`mbflow test -e local desk` prints the call. [broken-promise]" in ran.out
    assert "No plan: 1 promise does not hold\nElse: 1 to create; 0 unchanged\n" in ran.out
    assert desk.run("-e", "local", "apply", "--auto-approve").code == 1
    assert desk.run("-e", "local", "flows", "list", "--format", "json").json["flows"] == []


def test_a_plan_decides_only_what_it_changes(desk):
    text = (desk.root / "mbflow.yaml").read_text()
    assert desk.run("-e", "local", "apply", "--auto-approve").code == 0
    promise(desk, "at_most: {menus: 0}")
    assert desk.run("-e", "local", "plan").code == 0
    desk.write("flows/desk.yaml", TREE.replace("Welcome", "Hello"))
    assert PLANNED in desk.run("-e", "local", "plan").out
    desk.write("mbflow.yaml", text)
    promise(desk, "at_most: {menus: 0}, level: warning", HOLDING[4])
    ran = desk.run("-e", "local", "plan")
    assert ran.code == 0
    warned = PLANNED.replace("error", "warning")
    assert warned in ran.out
    place, _, told = warned.partition(": warning: ")
    out = desk.run("-e", "local", "plan", "--format", "markdown").out
    assert f"`{place}`: **warning** `` {told}" in out, out


def test_a_rollback_asks_for_no_promises(desk):
    assert desk.run("-e", "local", "apply", "--auto-approve").code == 0
    desk.write("flows/desk.yaml", TREE.replace("Welcome", "Hello"))
    assert desk.run("-e", "local", "apply", "--auto-approve").code == 0
    promise(desk, "at_most: {menus: 0}")
    assert desk.run("-e", "local", "rollback", "last", "--auto-approve").code == 0


def test_promises_without_flows_are_decided_of_none(desk):
    assert list(Decisions(None, ()).of_flow(None)) == []
