"""`mbflow test --suggest`: calls for what no call goes through, ready to be pasted."""

import re
import shutil
from pathlib import Path

import pytest

from mbflow.project.discover import find_call_files

HOME = Path(__file__).parent.parent.parent
KEYS = sorted(of.name for of in find_call_files(HOME, "flows") if of.flow_path.is_file())


@pytest.mark.parametrize("name", KEYS)
def test_what_is_suggested_passes_and_covers_everything(project, name):
    shutil.rmtree(project.root / "flows")
    shutil.copytree(HOME / "flows", project.root / "flows")
    shutil.copytree(HOME / "calendars", project.root / "calendars")
    shutil.copy(HOME / "mbflow.yaml", project.root / "mbflow.yaml")
    (project.root / f"flows/{name}.calls.yaml").unlink()
    (project.root / "flows/support/hours.calls.yaml").unlink()  # they go through several flows
    ran = project.run("test", "--suggest", name)
    assert (ran.code, ran.err) == (0, "")
    project.write(f"flows/{name}.calls.yaml", ran.out)
    assert project.run("test", name, "--fail-under", "100").code == 0
    assert project.run("fmt", "--check").code == 0, "it is in the style of all files"
    again = project.run("test", "--suggest", name)
    assert (again.code, again.out) == (0, "")
    assert again.err == f"Every branch of {name} is covered.\n"


def test_only_what_is_missing_is_suggested(project):
    project.calls("  - {name: presses 1, does: [{press: '1'}], ends: {transferred: '${sales}'}}\n")
    ran = project.test("--suggest", "menu")
    assert ran.err == "These go to the end of flows/menu.calls.yaml.\n"
    assert (
        ran.out
        == """\
  - name: a caller who only listens
    hears: ["For sales, press 1."]
    ends: hangup

  - name: presses 2
    does: [{press: "2"}]
    hears: ["For sales, press 1.", "Good bye."]
    ends: end_of_flow

  - name: presses 1, sales busy
    does: [{press: "1"}]
    world: {transfers: {"${sales}": busy}}
    hears: ["For sales, press 1.", "Good bye."]
    ends: end_of_flow
"""
    )


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_what_is_suggested_goes_below_the_calls_that_are_there(project, indent):
    there = f"{indent}- name: presses 2\n{indent}  does: [{{press: '1'}}]\n"
    path = project.calls(f"{there}{indent}  ends: {{transferred: '${{sales}}'}}\n")
    ran = project.test("--suggest", "menu")
    assert f"{indent}- name: presses 2 (2)\n" in ran.out, "no two calls have one name"
    path.write_text(path.read_text() + ran.out)
    assert project.test("menu", "--fail-under", "100").code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("calls: []\n", ":1: its calls are not counted: calls is empty."),
        ("calls: [{name: x, ends: caller}]\n", ""),
        ("a: [\n", ":2: its calls are not counted: This is not valid YAML: "),
        ("", ":1: its calls are not counted: The file is empty, or holds only comments."),
    ],
)
def test_where_nothing_can_be_added_a_whole_file_is_suggested(project, text, why):
    project.write("flows/menu.calls.yaml", text)
    ran = project.test("--suggest", "menu")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "calls:")
    assert ran.err.startswith(f"flows/menu.calls.yaml{why}" if why else "")
    assert ran.err.count("\n") == (1 if why else 0)
    project.write("flows/menu.calls.yaml", ran.out)
    assert project.test("menu").code == 0


FETCHES = """\
steps:
  - {action: record, options: {maxLength: 5, onFinish: "https://x.example/${sales}"}}
  - {action: hangup}
"""


def test_numbers_are_suggested_as_the_flow_words_them(project):
    (project.root / "flows/menu.calls.yaml").unlink(missing_ok=True)
    out = project.test("--suggest", "menu").out
    assert '    ends: {transferred: "${sales}"}\n' in out
    assert "442079460111" not in out
    project.write("flows/menu.calls.yaml", out)
    assert project.run("-e", "staging", "test", "menu").code == 0, "where sales is another number"
    project.write("flows/fetch.yaml", FETCHES)
    out = project.test("--suggest", "fetch").out
    assert '    ends: {fetched: "https://x.example/${sales}"}\n' in out
    assert '    world: {fetches: {"https://x.example/${sales}": failed}}\n' in out


ASKS_PIN = """\
steps:
  - action: say
    options: {payload: "Pin?", language: en-GB, voice: male}
    onKeypressVar: key
    maxNumKeys: 4
  - action: hangup
    conditions: [{variable: key, operator: "==", value: "${pin}"}]
  - {action: hangup}
"""


def test_what_only_a_secret_leads_to_is_told(project):
    project.write("flows/asks.yaml", ASKS_PIN)
    ran = project.test("--suggest", "asks")
    assert ran.code == 0
    assert ran.out.startswith("calls:\n  - name: a caller who only listens\n")
    assert ran.err == "No call could be found for: step 2, hangup: runs\n"
    assert "4711" not in ran.out


def test_nothing_is_suggested_for_what_no_call_reaches(project):
    project.write("flows/lost.yaml", "steps: [{action: hangup}, {action: hangup}]\n")
    ran = project.test("--suggest", "lost")
    assert (ran.code, ran.err) == (0, "")
    project.write("flows/lost.calls.yaml", ran.out)
    assert project.test("lost", "--fail-under", "100").code == 0


LOOPS = """\
steps:
  - id: again
    action: say
    options: {payload: '%s', language: en-GB, voice: male}
    onKeypressGoto: again
    onKeypressVar: key
  - {action: pause, options: {length: 2}, onKeypressGoto: again, onKeypressVar: key}
  - action: hangup
    conditions: [{variable: key, operator: "==", value: "nobody"}]
"""


def test_a_menu_that_can_be_heard_again(project):
    project.write("flows/loops.yaml", LOOPS % "Press any key to hear this again.")
    ran = project.test("--suggest", "loops")
    assert (ran.code, ran.err) == (0, "")
    assert 'does: [{press: "1"}]' in ran.out
    assert ran.out.count("- name:") == 2


def test_texts_that_yaml_could_read_otherwise(project):
    project.write("flows/odd.yaml", LOOPS % r'yes: "#1" \ $${x} - é')
    ran = project.test("--suggest", "odd")
    project.write("flows/odd.calls.yaml", ran.out)
    assert project.test("odd").code == 0
    assert re.search(r'hears: \["yes: \\"#1\\" \\\\"\]', ran.out)


def test_a_secret_is_not_suggested(project):
    steps = (
        "steps:\n"
        "  - {action: say, options: {payload: 'Pin ${pin}.', language: en-GB, voice: male}}\n"
        "  - {action: transfer, options: {destination: '${pin}'}}\n"
    )
    project.write("flows/secret.yaml", steps)
    ran = project.test("--suggest", "secret")
    assert "4711" not in ran.out + ran.err
    project.write("flows/secret.calls.yaml", ran.out)
    assert project.test("secret", "--fail-under", "100").code == 0


def test_no_such_flow(project):
    ran = project.test("--suggest", "menus")
    assert (ran.code, ran.out) == (64, "")
    assert 'Did you mean "menu"?' in ran.err


def test_what_is_not_looked_for_is_told_and_comes_next(project, monkeypatch):
    monkeypatch.setattr("mbflow.testing.suggestions.MOST_STEPS", 9)
    steps = "".join(f"- {{action: transfer, options: {{destination: '{n}'}}}}\n" for n in "1234")
    project.write("flows/hunt.yaml", f"steps:\n{steps}")
    calls, errors = "", []
    while (ran := project.test("--suggest", "hunt")).out:
        errors.append(ran.err.splitlines()[-2:])
        calls += ran.out.removeprefix("calls:\n") if calls else ran.out
        project.write("flows/hunt.calls.yaml", calls)
    assert errors[0] == [
        "Left out: 5 of 13 branches without a call were not looked at, as it takes long.",
        "Put these calls into the call file, then run this again for the rest.",
    ]
    assert ran.err == "Every branch of hunt is covered.\n"


def test_calls_that_were_not_looked_at_are_told(project, monkeypatch):
    monkeypatch.setattr("mbflow.testing.suggestions.MOST_MOVES", 2)
    project.write("flows/asks.yaml", ASKS_PIN)
    assert project.test("--suggest", "asks").err.endswith(
        "There may be calls for these all the same: the flow has more different calls than mbflow "
        "looks at.\n"
    )


def test_the_name_of_a_long_call_is_short(project):
    record = "- {action: record, options: {maxLength: 5, finishOnKey: none}}\n"
    project.write("flows/long.yaml", f"steps:\n{record * 99}")
    project.write("flows/long.calls.yaml", project.test("--suggest", "long").out)
    assert project.test("long", "--fail-under", "100").code == 0


def test_a_call_file_that_is_too_large_is_told(project):
    project.calls("  - {name: presses 1, does: [{press: '1'}], ends: {transferred: '${sales}'}}\n")
    file = project.root / "flows/menu.calls.yaml"
    file.write_text(file.read_text() + "# and so on\n" * 25_000)
    ran = project.test("--suggest", "menu")
    assert ran.out.startswith("calls:\n")
    assert ran.err == (
        "flows/menu.calls.yaml: its calls are not counted: The file is larger than 256 KB.\n"
    )


def test_a_call_file_with_a_mistake_is_told(project):
    project.calls("  - {name: presses 1, dose: []}\n")
    assert "flows/menu.calls.yaml:2: its calls are not counted: " in (
        project.test("--suggest", "menu").err
    )
