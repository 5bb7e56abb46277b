"""Saved plans as users apply them: changed, elsewhere, outdated, half applied, applied twice.

Each has words of its own; refused plans write nothing; the half-applied one finishes.
"""

import json

import pytest
from apply.world import payloads, say

from mbflow.plan.document import document_digest

from .conftest import KEY, Project
from .racing import Clone, Hand, committed, git

DONE, FAILED, REFUSED, PARTIAL, USAGE = 0, 1, 3, 4, 64
PLAN = "plan.json"
PIN = {"ACME_PIN": "pin-4711-secret"}


def planned(project, *options, **more):
    code, _, err = project.run("plan", "--out", PLAN, *options, **more)
    assert code == DONE, err
    return project.folder / PLAN


def changed(path, edit, *, signed):
    """Somebody edits the plan file; a clever one makes its digest anew."""
    document = json.loads(path.read_text())
    edit(document)
    if signed:
        document["digest"] = document_digest(document)
    path.write_text(json.dumps(document))


def refused(project, service, *words, plan=PLAN, **options):
    """The reasons, one a line, of an apply that refuses the plan and writes nothing."""
    writes, lock = service.writes(), project.lock
    code, _, err = project.run("apply", plan, *words, **options)
    assert code == REFUSED, err
    assert err.startswith("Refused: ")
    assert service.writes() == writes
    assert project.lock == lock
    return [line.strip() for line in err.splitlines()[1:]]


@pytest.fixture
def edited(applied):
    """Files that change a, remove b and add one that holds a secret; the plan of it is saved."""
    applied.save(variables={"pin": {"env": "ACME_PIN", "secret": True}})
    applied.write("a", say("Good day", "A"))
    applied.remove("b")
    applied.write("door", say("The code of the door on the left is ${pin}", "Door"))
    planned(applied, environ=PIN)
    return applied


def test_a_plan_takes_the_place_of_nothing_but_a_plan(applied):
    for name in ("flows/a.yaml", "mbflow.yaml", "mbflow.lock.yaml"):
        before = (applied.folder / name).read_bytes()
        code, out, err = applied.run("plan", "--out", name)
        assert (code, out) == (USAGE, "")
        assert err.endswith(
            f"{name} is not a plan of mbflow: it stays. Name another file with --out.\n"
        )
        assert (applied.folder / name).read_bytes() == before
    (applied.folder / PLAN).write_bytes(planned(applied).read_bytes()[:-30])
    planned(applied)
    (applied.folder / PLAN).write_bytes(b"")
    planned(applied)


# Tampered


def change_of(document, name):
    (found,) = [change for change in document["changes"] if change["flow"] == name]
    return found


def another_body(document):
    change_of(document, "a")["after"]["steps"][0]["options"]["payload"] = "Bad day"


def another_id(document):
    change_of(document, "a")["id"] = "00000000-0000-4000-8000-000000000000"


def another_digest(document):
    change_of(document, "a")["digest"] = "0123456789abcdef"


def another_precondition(document):
    change_of(document, "a")["preconditions"]["digest"] = "0123456789abcdef"


def other_counts(document):
    document["summary"]["delete"] = 0


def a_change_less(document):
    document["changes"].remove(change_of(document, "b"))


def a_change_twice(document):
    document["changes"].append(change_of(document, "a"))


def another_secret(document):
    document["secrets"]["pin"] = "0" * len(document["secrets"]["pin"])


def no_secret(document):
    document["secrets"] = {}


def a_declared_delete(document):
    change_of(document, "b")["declared"] = True


TAMPERED = {
    another_body: [
        "update a: what would be sent was changed in the plan file.",
        "update a: flows/a.yaml says something else than when the plan was made",
    ],
    another_id: ["update a: the live flow is not what the plan saw: it would now be update {a}"],
    another_digest: [
        "update a: what would be sent was changed in the plan file.",
        "update a: flows/a.yaml says something else than when the plan was made",
    ],
    another_precondition: ["update a: the live flow was edited since the plan was made"],
    other_counts: ["The counts in the plan file do not fit its changes."],
    a_change_less: ["The counts in the plan file do not fit its changes."],
    a_change_twice: [
        "The plan file changes a flow twice.",
        "The counts in the plan file do not fit its changes.",
    ],
    another_secret: ["The secret ${pin} has another value here than in the plan."],
    no_secret: ["The plan does not say which value of the secret ${pin} it uses."],
    a_declared_delete: ["delete b: its name does not stand under `removed:` any more"],
}


def test_a_plan_that_was_changed_is_not_read(edited, service):
    path, asked = edited.folder / PLAN, service.emulator.requests()
    original = path.read_text()
    for edit in (another_body, another_id, another_digest, other_counts, another_secret):
        path.write_text(original)
        changed(path, edit, signed=False)
        code, out, err = edited.run("apply", PLAN, environ=PIN)
        assert (code, out) == (REFUSED, ""), edit.__name__
        assert err.startswith(
            "Refused: plan.json is not a plan that can be applied: it was changed after it was "
            "written.\n"
        )
        assert "    mbflow plan --out plan.json" in err
    assert service.emulator.requests() == asked, "nothing was asked of the service"


def test_a_plan_that_was_changed_digest_and_all_is_found_out(edited, service):
    path = edited.folder / PLAN
    original = path.read_text()
    flow_id = Hand(service).id_of("A")
    for edit, reasons in TAMPERED.items():
        path.write_text(original)
        changed(path, edit, signed=True)
        found = refused(edited, service, environ=PIN)
        assert found == [reason.replace("{a}", flow_id) for reason in reasons], edit.__name__
    path.write_text(original)
    assert edited.run("apply", PLAN, environ=PIN)[0] == DONE


def test_a_hazard_taken_out_of_a_plan_is_found_out(edited, service):
    Hand(service).edit("A", say("By hand"))
    changed(
        planned(edited, environ=PIN),
        lambda document: change_of(document, "a").update(hazards=[]),
        signed=True,
    )
    assert refused(edited, service, environ=PIN) == [
        "update a: it has become unsafe since: conflict"
    ]


def test_what_a_plan_shows_cannot_differ_from_what_it_does(edited, service):
    def lie(document):
        change = change_of(document, "a")
        change.update(edits=[], before=change["after"])
        change_of(document, "b")["title"] = "Harmless"

    changed(edited.folder / PLAN, lie, signed=True)
    assert refused(edited, service, environ=PIN) == [
        "delete b: the plan file does not show what would be changed",
        "update a: the plan file does not show what would be changed",
    ]


def test_the_count_of_flows_cannot_be_raised_for_deletes(applied, service):
    for name in "ab":
        applied.remove(name)
    applied.write("c", say("We are closed on Sundays", "C"))
    changed(planned(applied), lambda document: document.update(owned=1000), signed=True)
    assert refused(applied, service) == [
        "The plan deletes 2 of 3 flows of this project: a, b. Confirm the number, or list "
        "the names under `removed:` in mbflow.yaml and plan again.",
        "--allow-deletes 2",
        "The whole command:",
        "mbflow apply plan.json --allow-deletes 2",
    ]


# For another place


@pytest.fixture
def two(applied):
    """The project has a second environment with the same flows, in another account."""
    document = json.loads((applied.folder / "mbflow.yaml").read_text())
    document["environments"]["staging"] = applied.environment
    (applied.folder / "mbflow.yaml").write_text(json.dumps(document))
    applied.write("a", say("Good day", "A"))
    planned(applied)
    return applied


def test_a_plan_for_another_environment(two, service):
    key = "test_AccessKeyOfStaging001"
    writes = service.writes()
    code, _, err = two.run("apply", PLAN, "--allow", "a", "-e", "staging", key=key)
    assert code == REFUSED
    assert err == (
        "Refused: This plan is for production, and not for staging:\n"
        "      mbflow apply plan.json --allow a -e production\n"
    )
    assert service.writes() == writes
    assert two.run("apply", PLAN)[0] == DONE


def test_a_plan_says_its_environment_where_nobody_else_does(two, service):
    nobody = {"MBFLOW_ENVIRONMENT": ""}
    service.faults("PUT * 429=200 nth=1")
    code, out, err = two.run("apply", PLAN, environ=nobody)
    assert code == FAILED, err
    assert f"plan.json for production ({service.url})\n" in out
    assert out.endswith("To see what is left:\n    mbflow plan -e production\n")
    service.faults()
    code, out, err = two.run("apply", PLAN, environ=nobody)
    assert code == DONE, err
    assert out.endswith(f"1 done. production ({service.url})\n")


def test_a_plan_of_an_environment_that_is_not_here(two, service):
    document = json.loads((two.folder / "mbflow.yaml").read_text())
    document["environments"]["live"] = document["environments"].pop("production")
    (two.folder / "mbflow.yaml").write_text(json.dumps(document))
    code, _, err = two.run("apply", PLAN, environ={"MBFLOW_ENVIRONMENT": ""})
    assert code == USAGE
    assert err.startswith('Error: There is no environment "production".')


def test_a_plan_for_another_project(applied, service):
    applied.write("a", say("Good day", "A"))
    planned(applied)
    document = json.loads((applied.folder / "mbflow.yaml").read_text())
    document.update(project="other", project_was="acme")
    (applied.folder / "mbflow.yaml").write_text(json.dumps(document))
    assert refused(applied, service) == ["The plan is for the project acme, and this is other."]


def test_a_plan_for_another_endpoint(applied, service, make_service):
    applied.write("a", say("Good day", "A"))
    planned(applied)
    elsewhere = make_service()
    applied.save(endpoint=elsewhere.url)
    applied.folder.joinpath("mbflow.lock.yaml").unlink()
    code, _, err = applied.run("apply", PLAN)
    assert code == REFUSED
    assert f"The plan is for the endpoint {service.url}, and this is {elsewhere.url}." in err
    assert elsewhere.writes() == []


def test_a_plan_with_another_value_of_a_secret(edited, service):
    assert refused(edited, service, environ={"ACME_PIN": "another-value"}) == [
        "The secret ${pin} has another value here than in the plan."
    ]


def test_a_plan_without_a_value_of_its_secret(edited, service):
    writes = service.writes()
    code, out, _ = edited.run("apply", PLAN)
    assert code == FAILED
    assert 'The variable "pin" has no value: the process variable ACME_PIN is not set.' in out
    assert service.writes() == writes


def test_a_plan_is_applied_with_another_key_of_the_account(make_service, tmp_path):
    """CI plans with one key and applies with another: the plan holds none."""
    service = make_service()
    project = Project(tmp_path / "checkout", service.url, access_key_env="PLAN_KEY")
    project.write("a", say("Hello", "A"))
    planned(project, key="", environ={"PLAN_KEY": KEY})
    assert KEY not in (project.folder / PLAN).read_text()
    project.save(access_key_env="APPLY_KEY")
    assert project.run("apply", PLAN, key="", environ={"APPLY_KEY": KEY})[0] == DONE
    assert service.titles() == ["A"]


# The files have changed since


def written(name, body):
    return lambda project: project.write(name, body)


FILES = {
    "another text": (
        written("a", say("Good evening", "A")),
        "update a: flows/a.yaml says something else than when the plan was made",
    ),
    "a file that is gone": (
        lambda project: project.remove("a"),
        "update a: its file is gone since the plan was made",
    ),
    "a file that is there again": (
        written("b", say("I am b", "B")),
        "delete b: flows/b.yaml is there again",
    ),
    "the text of a new flow": (
        written("door", say("There is no code", "Door")),
        "create door: flows/door.yaml says something else than when the plan was made",
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_files_that_have_changed_since(edited, service, what):
    change, reason = FILES[what]
    change(edited)
    assert reason in refused(edited, service, environ=PIN)


def test_a_file_with_a_problem_stops_the_plan_too(edited, service):
    (edited.folder / "flows" / "c.yaml").write_text("title: [")
    writes = service.writes()
    code, out, _ = edited.run("apply", PLAN, environ=PIN)
    assert code == FAILED
    assert "flows/c.yaml" in out
    assert service.writes() == writes


def test_files_that_came_since_are_left_alone_and_said(edited, service):
    edited.write("later", say("I came later", "Later"))
    code, out, err = edited.run("apply", PLAN, environ=PIN)
    assert code == PARTIAL
    assert err.endswith(
        "Not in the plan, left alone: create later\n"
        "So what is live is not what the files say. To plan that too:\n"
        "    mbflow plan --out plan.json\n"
    )
    assert out.endswith(f"3 done. production ({service.url})\n")
    assert service.titles() == ["A", "C", "Door"]


@pytest.mark.parametrize(
    ("first", "left"),
    [("text", "update a"), ("new", "delete d"), ("without b", "create b")],
)
def test_a_quick_revert_does_not_end_green(applied, service, tmp_path, first, left):
    """Both plans are made before the first is applied: the second has nothing to change."""
    work = {
        "text": lambda: applied.write("a", say("Good day", "A")),
        "new": lambda: applied.write("d", say("I am new", "D")),
        "without b": lambda: applied.remove("b"),
    }
    before = committed(applied, "before")
    work[first]()
    commit = committed(applied, first)
    git(applied.folder, "revert", "--no-edit", commit)
    one = Clone(applied, tmp_path / "one", commit)
    two = Clone(applied, tmp_path / "two")
    planned(one, "--base", before)
    planned(two, "--base", commit)
    assert one.run("apply", PLAN)[0] == DONE
    live = service.texts()
    code, out, err = two.run("apply", PLAN, "--format", "json")
    assert code == PARTIAL
    action, flow = left.split()
    document = json.loads(out)
    assert document["left"] == [{"flow": flow, "action": action}]
    assert document["exit_code"] == PARTIAL
    assert f"Not in the plan, left alone: {left}\n" in err
    assert service.texts() == live, "what was not reviewed is not done"
    planned(two, "--base", commit)
    assert two.run("apply", PLAN)[0] == DONE
    assert service.titles() == ["A", "B", "C"]


def test_a_plan_of_some_flows_says_nothing_of_the_others(applied, service):
    applied.write("a", say("Good day", "A"))
    applied.write("b", say("Good evening", "B"))
    planned(applied, "--target", "a")
    code, out, err = applied.run("apply", PLAN, "--format", "json")
    assert (code, json.loads(out)["left"]) == (DONE, [])
    assert "left alone" not in err


def test_what_came_to_light_since_is_said(edited, service):
    """As of the second flow of a POST that a killed run made twice: it is named this once."""
    before = set(service.live())
    Hand(service).copy("A")
    (copy,) = set(service.live()) - before
    code, _, err = edited.run("apply", PLAN, environ=PIN)
    assert code == DONE
    assert f'Not known when the plan was made: copy {copy} "A": carries the markers' in err
    assert service.titles() == ["A", "A", "C", "Door"]


def test_everything_that_does_not_fit_is_said_at_once(edited, service):
    edited.write("a", say("Good evening", "A"))
    edited.write("b", say("I am b", "B"))
    changed(edited.folder / PLAN, other_counts, signed=True)
    assert refused(edited, service, environ={"ACME_PIN": "another-value"}) == [
        "The counts in the plan file do not fit its changes.",
        "The secret ${pin} has another value here than in the plan.",
        "delete b: flows/b.yaml is there again",
        "update a: flows/a.yaml says something else than when the plan was made",
    ]


# Half applied, and applied twice


@pytest.mark.parametrize("fault", ["POST * 429=200", "PUT * 429=200", "DELETE * 429=200"])
def test_half_a_plan_finishes_and_then_nothing_is_to_do(edited, service, fault):
    service.faults(fault)
    code, out, _ = edited.run("apply", PLAN, environ=PIN)
    assert code == PARTIAL
    assert "1 failed" in out
    service.faults()
    code, out, _ = edited.run("apply", PLAN, environ=PIN)
    assert code == DONE, out
    assert "done already" in out
    assert service.titles() == ["A", "C", "Door"]
    assert edited.run("plan", "--detailed-exitcode", environ=PIN)[0] == DONE
    writes = service.writes()
    code, out, _ = edited.run("apply", PLAN, environ=PIN)
    assert code == DONE
    assert "3 done already" in out
    assert service.writes() == writes


def test_counted_deletes_are_finished_with_the_same_words(applied, service):
    for name in "ab":
        applied.remove(name)
    applied.write("c", say("We are closed on Sundays", "C"))
    planned(applied)
    service.faults("DELETE * 429=200 nth=2")
    words = ("apply", PLAN, "--allow-deletes", "2")
    assert applied.run(*words)[0] == PARTIAL
    assert len(service.titles()) == 2
    assert applied.run(*words)[0] == DONE
    assert service.titles() == ["C"]


def test_half_a_plan_edited_by_hand_does_not_finish(edited, service):
    service.faults("DELETE * 429=200")
    assert edited.run("apply", PLAN, environ=PIN)[0] == PARTIAL
    service.faults()
    Hand(service).edit("A", say("By hand"))
    assert refused(edited, service, environ=PIN) == [
        "update a: the live flow was edited since the plan was made"
    ]


def test_a_plan_applied_in_another_clone_is_done_here_too(edited, service, tmp_path):
    """The second pipeline of one commit: its lock is that of before."""
    clone = Clone(edited, tmp_path / "clone", committed(edited, "with its plan"))
    assert edited.run("apply", PLAN, environ=PIN)[0] == DONE
    writes = service.writes()
    code, out, _ = clone.run("apply", PLAN, environ=PIN)
    assert code == DONE
    assert "3 done already" in out
    assert service.writes() == writes


def test_secrets_are_in_no_plan_and_no_answer(edited, service):
    assert PIN["ACME_PIN"] not in (edited.folder / PLAN).read_text()
    code, out, err = edited.run("apply", PLAN, "--format", "json", environ=PIN)
    assert code == DONE
    assert PIN["ACME_PIN"] not in out + err
    (door,) = [body for body in service.live().values() if body["title"] == "Door"]
    assert payloads(door) == [f"The code of the door on the left is {PIN['ACME_PIN']}"]


def test_a_file_that_is_no_plan(project):
    for content, why in {
        "": "it is not JSON",
        "[" * 100_000: "it is not JSON",
        "{}": "it is not a plan that mbflow wrote",
        '{"format_version": 99}': "it was written by another version of mbflow: make a new plan",
        '{"format_version": 1}': "parts of it are missing or of the wrong kind",
    }.items():
        (project.folder / PLAN).write_text(content)
        code, out, err = project.run("apply", PLAN)
        assert (code, out) == (REFUSED, "")
        assert err.startswith(f"Refused: plan.json is not a plan that can be applied: {why}.\n")
