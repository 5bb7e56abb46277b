"""`mbflow page`: what is in the page, and where it is written."""

import json
import re
import webbrowser
from html.parser import HTMLParser
from pathlib import Path

import pytest
from harmless import TEXTS

from mbflow.testing.page_document import page_document

HOME = Path(__file__).parent.parent.parent
CALLS = """\
  - name: sales
    does: [{press: "1"}]
    hears: ["press 1"]
    ends: {transferred: "${sales}"}
  - name: a wish
    hears: ["press 2"]
"""


def document_of(path):
    """The JSON in the page."""
    found = re.search(
        r'<script type="application/json" id="document">(.*?)</script>', path.read_text()
    )
    return json.loads(found[1])


@pytest.fixture
def page(project):
    """Runs `mbflow page` with further arguments, and gives the document."""

    def run(*arguments, code=0):
        ran = project.run("-e", "local", "page", *arguments)
        assert ran.code == code, ran.out + ran.err
        return document_of(project.root / "calls.html")

    return run


def test_a_secret_that_somebody_typed_is_not_in_the_page(project, page, monkeypatch):
    monkeypatch.setenv("ACME_PIN", "press 1")
    found = page()
    assert "press 1" not in (project.root / "calls.html").read_text()
    assert found["flows"][0]["steps"][0]["words"] == 'say "For sales, ${pin}."'


def test_a_flow_is_in_the_page_with_all_that_is_known_of_it(project, page):
    project.calls(CALLS)
    found = page()
    (menu,) = found["flows"]
    assert (menu["name"], menu["title"], menu["file"]) == ("menu", "Menu", "flows/menu.yaml")
    assert [step["words"] for step in menu["steps"]] == [
        'say "For sales, press 1."',
        "hangup",
        "transfer to 442079460111",
        'say "Good bye."',
    ]
    edges = menu["drawing"]["edges"]
    assert [(edge["from"], edge["label"], edge["to"]) for edge in edges[:4]] == [
        ("start", "", "s0"),
        ("s0", "1", "s2"),
        ("s0", "another key", "s3"),
        ("s0", "nobody presses", "s1"),
    ]
    assert menu["coverage"]["steps"] == {"0": 2, "1": 1, "2": 1}
    assert menu["coverage"]["edges"] == {"1": 1, "3": 1, "4": 1}
    assert menu["dial"]["table"]["steps"]["2"]["dial"]["written"] == "${sales}"
    assert found["totals"]["calls"], found["totals"]["failed"] == (2, 1)


def test_calls_are_in_it_as_the_terminal_tells_them(project, page):
    project.calls(CALLS)
    sales, wish = page()["flows"][0]["calls"]
    terminal = project.run("-e", "local", "test").out
    assert sales["passed"] and not wish["passed"]
    assert (wish["file"], wish["line"]) == ("flows/menu.calls.yaml", 6)
    for event in wish["events"]:
        assert re.search(r"\s+".join(map(re.escape, " ".join(event["words"]).split())), terminal)
    (failure,) = wish["failures"]
    assert failure["message"] in " ".join(terminal.split()).replace("E ", "")
    assert [edge for _, edge in sales["edges"]] == [1, 4]
    assert sales["edges"][0][0] == sales["events"][1]["at"]


def test_findings_are_at_their_steps(project, page):
    project.write(
        "flows/menu.yaml", "title: Menu\nsteps:\n  - {action: hangup}\n  - {action: hangup}\n"
    )
    (problem,) = page()["flows"][0]["problems"]
    assert (problem["rule"], problem["line"], problem["step"]) == ("unreachable-step", 4, 1)


def test_a_flow_with_errors_is_told_and_not_drawn(project, page):
    project.write("flows/odd.yaml", "steps: [{action: dance}]\n")
    _, odd = page(code=1)["flows"]
    assert odd["is_broken"] and odd["problems"][0]["severity"] == "error"
    assert project.run("-e", "local", "page", "odd").code == 1
    whole = project.run("-e", "local", "page")
    assert whole.out == "Wrote calls.html\n"
    assert 'flows/odd.yaml:1:18: error: There is no action "dance".' in whole.err
    fine = project.run("-e", "local", "page", "menu")
    assert (fine.code, fine.err) == (0, "")


def test_only_the_flows_that_are_named_are_in_it(project, page):
    project.write("flows/other.yaml", "title: Other\nsteps:\n  - {action: hangup}\n")
    assert [flow["name"] for flow in page("flows/other.yaml")["flows"]] == ["other"]
    assert [flow["name"] for flow in page()["flows"]] == ["menu", "other"]
    ran = project.run("-e", "local", "page", "meny")
    assert (ran.code, 'Did you mean "menu"?' in ran.err) == (64, True)


def test_no_secret_is_in_the_page(project, page, monkeypatch):
    monkeypatch.setenv("ACME_PIN", "90210-90210")
    text = (
        (project.root / "flows/menu.yaml").read_text().replace("Good bye.", "Your pin is ${pin}.")
    )
    project.write("flows/menu.yaml", text.replace('value: "1"', 'value: "${pin}"'))
    project.calls('  - {name: secret, does: [{press: "1"}], hears: ["Your pin is ${pin}"]}\n')
    page()
    html = (project.root / "calls.html").read_text()
    assert "Your pin is ${pin}." in html
    assert "90210" not in html


def test_hostile_texts_are_data_of_the_page(project, page):
    steps = [
        {"action": "say", "options": {"payload": text, "language": "en-GB", "voice": "female"}}
        for text in (*TEXTS.values(), "</script><script>x</script>")
        if "\uffff" not in text  # which no YAML may hold
    ]
    document = {"title": "</title><script>", "steps": steps}
    project.write("flows/menu.yaml", json.dumps(document))
    page()
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)
    parser.feed((project.root / "calls.html").read_text())
    assert tags.count("script") == 3


def test_numbers_are_in_it_with_their_calendars(monkeypatch):
    found = page_document(HOME, None, environ={})
    assert found["numbers"][0] == {
        "number": "442079460120",
        "environment": "local",
        "calendar": "office",
        "leads": [
            {"when": "open", "flow": "support/menu"},
            {"when": "closed", "flow": "support/after-hours"},
            {"when": "on holiday", "flow": "support/holiday-closure"},
        ],
    }
    (menu,) = [flow for flow in found["flows"] if flow["name"] == "support/menu"]
    assert menu["numbers"] == ["442079460120 while office is open"]


def test_the_page_of_the_worked_example_is_small(tmp_path):
    from mbflow.views.page import page_html

    assert len(page_html(page_document(HOME, None, environ={})).encode()) < 400_000


def test_only_a_page_is_replaced(project):
    menu = (project.root / "flows/menu.yaml").read_text()
    ran = project.run("-e", "local", "page", "-o", str(project.root / "flows/menu.yaml"))
    assert (ran.code, ran.out) == (64, "")
    assert "is not a page of mbflow: it stays" in ran.err
    assert (project.root / "flows/menu.yaml").read_text() == menu
    for _ in range(2):
        ran = project.run("-e", "local", "page", "-o", "a b.html")
        assert (ran.code, ran.out) == (0, "Wrote a b.html\n")


@pytest.mark.parametrize("opens", [True, False])
def test_the_page_is_opened(project, monkeypatch, opens):
    asked = []
    monkeypatch.setattr(webbrowser, "open", lambda url: asked.append(url) or opens)
    ran = project.run("-e", "local", "page", "--open")
    assert asked == [(project.root / "calls.html").as_uri()]
    assert ran.code == (0 if opens else 1)
    assert ran.out == "Wrote calls.html\n"
    assert ("No browser could be started" in ran.err) != opens


def plan_page(project, *arguments):
    """The document of a page of what a saved plan changes."""
    assert project.run("-e", "local", "plan", "--out", str(project.root / "plan.json")).code == 0
    project.run("-e", "local", "page", "--plan", str(project.root / "plan.json"), *arguments)
    return document_of(project.root / "calls.html")


@pytest.fixture
def changed(project):
    """A menu in which another key leads to sales, a flow that goes and one that comes."""
    project.write("flows/old.yaml", "title: Old\nsteps:\n  - {action: hangup}\n")
    assert project.run("-e", "local", "apply", "--auto-approve").code == 0
    text = (project.root / "flows/menu.yaml").read_text()
    project.write("flows/menu.yaml", text.replace('value: "1"', 'value: "2"'))
    (project.root / "flows/old.yaml").rename(project.root / "flows/old.txt")
    project.write("flows/new.yaml", "title: New\nsteps:\n  - {action: hangup}\n")
    return project


def test_a_plan_is_shown_with_changed_calls_first(changed):
    found = plan_page(changed)
    assert [(one["name"], one["change"]) for one in found["flows"]] == [
        ("menu", "update"),
        ("old", "delete"),
        ("new", "create"),
    ]
    menu, old, new = found["flows"]
    told = "4 of 6 kinds of calls change (1 not shown here: mbflow plan --calls all)"
    assert (old["after"], new["before"]) == (None, None)
    assert menu["changed"] == told
    assert menu["lines"] == ['step 3 transfer: conditions choice == "1" -> choice == "2"']
    assert found["plan"]["deletes"] == ["old"]
    assert found["plan"]["outcome"] == ["1 to delete, 1 to create, 1 to update; 0 unchanged"]


def test_the_same_call_is_played_before_and_after(changed):
    menu = plan_page(changed)["flows"][0]
    calls = [[call["name"] for call in menu[side]["calls"]] for side in ("before", "after")]
    assert calls[0] == calls[1] and calls[0][0] == "a caller who presses 1"
    ends = [menu[side]["calls"][0]["events"][-1]["words"] for side in ("before", "after")]
    assert ends == [["end", "transferred 442079460111"], ["end", "end_of_flow"]]
    assert menu["before"]["marks"] == menu["after"]["marks"] == {"2": "changed"}
    assert menu["before"]["dial"]["table"] and menu["after"]["dial"]["table"]


def test_only_the_changes_that_are_named_are_shown(changed):
    assert [one["name"] for one in plan_page(changed, "old")["flows"]] == ["old"]
    ran = changed.run("page", "--plan", str(changed.root / "plan.json"), "meny")
    assert ran.code == 64
    assert 'Did you mean "menu"?' in ran.err


def test_a_plan_is_not_shown_as_one_of_another_environment(changed):
    plan_page(changed)
    file = changed.root / "calls.html"
    before = file.read_bytes()
    ran = changed.run("-e", "other", "page", "--plan", str(changed.root / "plan.json"))
    assert (ran.code, file.read_bytes()) == (3, before)
    assert "This plan is for local, and not for other." in ran.err


def test_a_plan_with_hazards_says_them_on_top(project):
    menu = (project.root / "flows/menu.yaml").read_text()
    project.write("flows/menu.yaml", menu + "mbflow: {protect: true}\n")
    assert project.run("-e", "local", "apply", "--auto-approve").code == 0
    (project.root / "flows/menu.yaml").unlink()
    found = plan_page(project)
    (hazard,) = found["plan"]["hazards"]
    assert hazard["name"] == "menu"
    assert any("protected" in text for text in hazard["texts"])
    assert any("--allow menu" in line for line in found["plan"]["acknowledgement"])
