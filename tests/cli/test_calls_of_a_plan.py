"""The calls of a plan on the command line: how many, in each format, from a file; no secrets."""

import json

import pytest
from apply.world import say

from mbflow.plan.document import document_digest
from mbflow.schema.validator import is_valid

SECRET = "4711000815-hidden"  # longer than what a digest holds by chance


def flow(*steps):
    return {"title": "A", "steps": list(steps)}


def spoken(text, **fields):
    options = {"payload": text, "language": "en-GB", "voice": "female"}
    return {"action": "say", "options": options, **fields}


@pytest.fixture
def edited(applied):
    """A flow of three kinds of calls, all of which change."""
    steps = [spoken("Press 1.", onKeypressGoto="end"), {"action": "hangup"}]
    applied.write("a", flow(*steps, spoken("Bye.", id="end")))
    return applied


def planned(project, *options, **more):
    code, out, err = project.run("plan", *options, **more)
    assert code == 0, err
    return out


@pytest.mark.parametrize(("asked", "count"), [("0", 0), ("1", 1), ("all", 2), ("99", 2)])
def test_how_many_calls_are_told(edited, asked, count):
    for form in ("text", "markdown"):
        assert planned(edited, "--calls", asked, "--format", form).count("will hear") == count
    document = json.loads(planned(edited, "--calls", asked, "--format", "json"))
    calls = document["changes"][0]["calls"]
    assert (calls["kinds"], calls["changed"], calls["decided"]) == (2, 2, True)
    assert len(calls["examples"]) == count
    assert is_valid("plan", document)


@pytest.mark.parametrize("asked", ["", "-1", "some", "1.5", "ALL", "²", "1234567"])
def test_no_number_of_calls(edited, asked):
    code, out, err = edited.run("plan", "--calls", asked)
    assert (code, out) == (64, "")
    assert "Write a number of calls, such as 3, or all." in err


def test_a_saved_plan_tells_the_same(edited):
    text = planned(edited, "--calls", "1", "--out", "plan.json")
    document = (edited.folder / "plan.json").read_text()
    edited.write("a", say("Something else", "A"))
    assert edited.run("show", "plan.json")[1] == text
    shown = edited.run("show", "plan.json", "--format", "json")[1]
    assert json.loads(shown) == json.loads(document)


def test_calls_as_they_stand_in_a_plan(edited):
    document = json.loads(planned(edited, "--format", "json"))
    assert document["changes"][0]["calls"]["examples"][1] == {
        "does": [{"press": "1"}],
        "world": {},
        "heard": {"before": ["I am a"], "after": ["Press 1.", "Bye."]},
        "ends": {"before": "hangup", "after": "end_of_flow"},
        "happens": None,
    }


def no_calls(calls):
    calls.update(kinds=1, changed=0, examples=[])


def another_text(calls):
    calls["examples"][0]["heard"]["after"] = ["Hello"]


def another_count(calls):
    calls["changed"] = 1


@pytest.mark.parametrize("lie", [no_calls, another_text, another_count, None])
def test_calls_that_were_changed_in_a_plan_file(edited, service, lie):
    planned(edited, "--out", "plan.json")
    path, writes = edited.folder / "plan.json", service.writes()
    document = json.loads(path.read_text())
    if lie is None:
        document["changes"][0]["calls"] = None
    else:
        lie(document["changes"][0]["calls"])
    path.write_text(json.dumps({**document, "digest": document_digest(document)}))
    code, _, err = edited.run("apply", "plan.json")
    assert code == 3
    assert "update a: the plan file does not show what would be changed" in err
    assert service.writes() == writes
    assert "will hear" in edited.run("show", "plan.json")[1], "it is made of the bodies"


def test_no_secret_is_told_in_calls(applied):
    """In a text, a number, an address, and the keys that a caller has to know."""
    applied.save(variables={"pin": {"env": "ACME_PIN", "secret": True}})
    asked = [{"variable": "code", "operator": "==", "value": "${pin}"}]
    steps = [
        spoken("Your code?", onKeypressGoto="in", onKeypressVar="code", endKey="#"),
        {"action": "hangup"},
        spoken("The code is ${pin}.", id="in", conditions=asked),
        {"action": "transfer", "options": {"destination": "${pin}"}, "conditions": asked},
        {"action": "fetchCallFlow", "options": {"url": "https://a.example/${pin}"}},
    ]
    applied.write("a", flow(*steps))
    environ = {"ACME_PIN": SECRET}
    shown = [
        planned(applied, "--calls", "all", "--format", form, environ=environ)
        for form in ("text", "markdown", "json")
    ]
    planned(applied, "--calls", "all", "--out", "plan.json", environ=environ)
    for text in (*shown, (applied.folder / "plan.json").read_text()):
        assert SECRET.partition("-")[0] not in text
    assert "a caller who presses ${pin}" in shown[0]
    assert "The code is ${pin}." in shown[0]
