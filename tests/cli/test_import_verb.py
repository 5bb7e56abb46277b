"""`mbflow import`: what is written, what is left out and why, and both sides of a conflict."""

import httpx
import pytest
from apply.world import payloads, say

from .conftest import KEY, Project
from .racing import Hand, committed, git


def test_flows_of_one_title_are_told_apart_by_their_ids(project, service):
    body = {"title": "Main menu", "steps": [{"action": "hangup"}]}
    headers = {"Authorization": f"AccessKey {KEY}"}
    ids = [
        httpx.post(f"{service.url}/call-flows", json=body, headers=headers, verify=False).json()[
            "data"
        ][0]["id"]
        for _ in range(2)
    ]
    code, out, err = project.run("import", *ids)
    assert (code, out.splitlines()) == (
        0,
        [
            f'wrote flows/main-menu.yaml: {ids[0]} "Main menu"',
            f'wrote flows/main-menu-2.yaml: {ids[1]} "Main menu"',
        ],
    ), err
    code, out, _ = project.run("import", "main-menu", "--force")
    assert (code, out) == (0, f'kept flows/main-menu.yaml: {ids[0]} "Main menu"\n')


COMMENTED = """\
# Owner: Ann.
title: A
steps:
  # 1: orders
  - action: say
    options: {payload: I am a, language: en-GB, voice: male}  # her voice
"""


def test_comments_stay_and_those_that_go_are_said(applied, service):
    path = applied.folder / "flows" / "a.yaml"
    path.write_text(COMMENTED)
    assert applied.run("apply", "--auto-approve")[0] == 0
    Hand(service).edit("A", {"steps": [{"action": "hangup"}]})
    code, out, err = applied.run("import", "a")
    assert (code, out) == (0, f'edited flows/a.yaml: {Hand(service).id_of("A")} "A"\n')
    assert err == (
        "  2 comments went with the text around. To see what changed:\n"
        "      git diff -- flows/a.yaml\n"
    )
    assert path.read_text() == "# Owner: Ann.\ntitle: A\nsteps:\n  - action: hangup\n"
    code, out, err = applied.run("import", "a")
    assert (code, out, err) == (0, "", "There is nothing to import: the files say what is live.\n")


# What cannot be imported does not keep the others from it

HANGUP = {"title": "Good", "steps": [{"action": "hangup"}]}
CONFERENCE = {"title": "Conf", "steps": [{"action": "conference"}]}


@pytest.fixture
def mixed(make_service, tmp_path, in_process):
    """An account with a flow that no file can hold, and its project without files."""
    service = make_service(quirks=["unknown-actions-accepted"])
    project = Project(tmp_path / "checkout", service.url)
    for body in (CONFERENCE, HANGUP, {**HANGUP, "title": "Better"}):
        Hand(service).make(body)
    return in_process(project), project, Hand(service)


def test_one_flow_that_cannot_be_imported_is_left_out(mixed):
    mbflow, project, hand = mixed
    ran = mbflow("import", "--all")
    conference = hand.id_of("Conf")
    assert ran.code == 1
    assert sorted(p.name for p in (project.folder / "flows").iterdir()) == [
        "better.yaml",
        "good.yaml",
    ]
    assert ran.err == (
        f"left out {conference}: Step 1 of the live flow {conference} has the action "
        '"conference", which this mbflow does not know.\n'
        "The flow is left as it is and stays unmanaged.\n"
        "2 imported, 1 left out.\n"
    )
    ran = mbflow("plan")
    assert (ran.code, ran.out.splitlines()[1]) == (
        0,
        "nothing to change; 2 unchanged, 1 unmanaged",
    )


def test_of_several_that_are_named_the_rest_is_imported(mixed):
    mbflow, _, hand = mixed
    ran = mbflow("import", "no-such-flow", hand.id_of("Conf"), hand.id_of("Good"))
    assert (ran.code, ran.out) == (1, f'wrote flows/good.yaml: {hand.id_of("Good")} "Good"\n')
    assert "left out no-such-flow: production has no live flow no-such-flow" in ran.err
    assert "left out " + hand.id_of("Conf") in ran.err
    assert ran.err.endswith("1 imported, 2 left out.\n")


def test_a_flow_that_is_named_alone_is_refused_in_its_own_words(mixed):
    mbflow, _, hand = mixed
    ran = mbflow("import", hand.id_of("Conf"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: Step 1 of the live flow")


def test_a_file_that_cannot_be_written_is_left_out(mixed):
    """What is written is in the lock, so that no plan takes it for a new flow."""
    mbflow, project, _ = mixed
    (project.folder / "flows" / "good.yaml").mkdir()
    ran = mbflow("import", "--all")
    assert ran.code == 1
    assert "left out " in ran.err
    assert ran.err.endswith("1 imported, 2 left out.\n")
    assert "better" in project.lock


# A conflict: what was applied last, the file, what is live


@pytest.fixture
def conflict(applied, service, in_process):
    committed(applied, "as it was applied")
    applied.write("a", say("Good day", "A"))
    Hand(service).edit("A", say("By hand"))
    return in_process(applied), applied


def test_the_advice_for_a_conflict_shows_both_sides(conflict, service):
    mbflow, project = conflict
    out = mbflow("plan").out
    assert "    mbflow import a --show" in out
    ran = mbflow("import", "a", "--show")
    commit = git(project.folder, "rev-parse", "--short", "HEAD").strip()
    assert ran.code == 0, ran.err
    assert ran.out == (
        f"flows/a.yaml since both were last the same, in the commit {commit}:\n"
        '    step 1 say: payload "I am a" -> "Good day"\n'
        f"The live flow {Hand(service).id_of('A')} since then:\n"
        '    step 1 say: payload "I am a" -> "By hand"\n'
        "To keep both, write into the file what was changed live, then plan and apply.\n"
        "To keep what is live:\n"
        "    mbflow import a --force\n"
        "To keep the file:\n"
        "    mbflow plan --target a --out plan.json\n"
    )
    refused = mbflow("import", "a")
    assert refused.code == 3
    assert "      mbflow import a --show\n" in refused.err
    assert "      mbflow import a --force\n" in refused.err
    assert mbflow("import", "a", "--force").code == 0
    assert mbflow("plan", "--detailed-exitcode").code == 0


def test_a_conflict_without_history_shows_the_two_sides(conflict, service):
    mbflow, project = conflict
    git(project.folder, "update-ref", "-d", "HEAD")
    ran = mbflow("import", "a", "--show")
    assert ran.out.startswith("No commit of flows/a.yaml is known in which both were the same,")
    assert '    step 1 say: payload "Good day" -> "By hand"\n' in ran.out
    writes = service.writes()
    assert mbflow("plan", "--target", "a", "--out", "plan.json").code == 0
    assert mbflow("apply", "plan.json").code == 0
    assert len(service.writes()) == len(writes) + 1
    (live,) = [body for body in service.live().values() if body["title"] == "A"]
    assert payloads(live) == ["Good day"]


def test_a_new_step_of_either_side_is_shown_whole(conflict, service):
    mbflow, project = conflict
    asked = {
        "action": "say",
        "options": {"payload": "Which one?", "language": "nl-NL", "voice": "male", "repeat": 2},
        "conditions": [{"variable": "choice", "operator": "==", "value": "1"}],
        "onKeypressVar": "choice",
        "onKeypressGoto": "end",
    }
    end = {"id": "end", "action": "hangup"}
    project.write("a", {"title": "A", "steps": [*say("I am a")["steps"], asked, end]})
    Hand(service).edit("A", {"steps": [*say("By hand")["steps"], asked, end]})
    out = mbflow("import", "a", "--show").out
    whole = (
        '    new step 3: say "Which one?"\n'
        '      if choice == "1"\n'
        '      language "nl-NL", voice "male", repeat 2\n'
        "      a key press goes to step 4 (stored as choice)\n"
    )
    assert out.count(whole) == 2, out


@pytest.mark.parametrize("text", ["Good day", "By hand"])
def test_where_nothing_differs_nothing_is_advised(applied, service, in_process, text):
    """As applied, and where both made the same of it."""
    applied.write("a", say("Good day", "A"))
    mbflow = in_process(applied)
    assert mbflow("apply", "--auto-approve").code == 0
    committed(applied, "as it was applied")
    Hand(service).edit("A", say(text))
    applied.write("a", say(text, "A"))
    found = Hand(service).id_of("A")
    assert mbflow("import", "a", "--show").out == (
        f"flows/a.yaml says what the live flow {found} says: there is nothing to choose.\n"
    )


def test_one_side_alone_leaves_nothing_to_be_joined(conflict, service):
    mbflow, _ = conflict
    Hand(service).edit("A", say("I am a"))
    out = mbflow("import", "a", "--show").out
    assert "since then:\n    nothing was changed\nTo keep what is live:\n" in out


def test_show_goes_with_names_alone(applied, in_process):
    mbflow = in_process(applied)
    for words in (["--all"], [], ["a", "--force"], ["a", "--as", "b"]):
        assert mbflow("import", "--show", *words).code == 64
    assert mbflow("import", "--show", "nothere").code == 1
