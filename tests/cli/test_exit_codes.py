"""plan, apply and show as processes: every exit code, and every flag that stops a run."""

import json

import pytest
from apply.world import payloads, say

from .conftest import KEY, Project

REFUSED, USAGE = 3, 64


def plan_file(project, *options):
    code, _, err = project.run("plan", "--out", "plan.json", *options)
    assert code == 0, err
    return "plan.json"


def test_plan_0_and_2_only_when_asked_for(project, service):
    project.write("a", say("Hello", "A"))
    assert project.run("plan")[0] == 0
    assert project.run("plan", "--detailed-exitcode")[0] == 2
    assert project.run("apply", "--auto-approve")[0] == 0
    code, out, _ = project.run("plan", "--detailed-exitcode")
    assert code == 0
    assert "nothing to change" in out


def test_plan_names_environment_and_endpoint_first_and_last(project, service):
    project.write("a", say("Hello", "A"))
    _, out, _ = project.run("plan")
    lines = out.strip().splitlines()
    for line in (lines[0], lines[-1]):
        assert "production" in line
        assert service.url in line


def test_plan_1_for_files_with_problems_and_no_plan_file(project, service):
    project.write("a", {"title": "A", "steps": [{"action": "sya"}]})
    project.write("b", say("Hello", "B"))
    code, out, _ = project.run("plan", "--out", "plan.json")
    assert code == 1
    assert "flows/a.yaml" in out
    assert "create  b" in out, "the plan is shown all the same"
    assert not (project.folder / "plan.json").exists()
    assert project.run("apply", "--auto-approve")[0] == 1
    assert service.writes() == []


def test_1_without_a_key_and_the_lines_say_how_to_set_it(project, service):
    code, out, err = project.run("plan", key="")
    assert (code, out) == (1, "")
    assert "the process variable MESSAGEBIRD_ACCESS_KEY.\n" in err
    assert err.endswith("read -rs MESSAGEBIRD_ACCESS_KEY\n      export MESSAGEBIRD_ACCESS_KEY\n")


@pytest.mark.parametrize(
    "fault", ["GET * reset", "GET * 503", "GET * html=200", "GET * html=404", "GET * truncated"]
)
def test_1_when_the_service_cannot_be_read(project, service, fault):
    project.write("a", say("Hello", "A"))
    service.faults(fault)
    for verb in (["plan"], ["apply", "--auto-approve"]):
        code, _, err = project.run(*verb)
        assert code == 1, err
        assert err.startswith("Error: ")
        assert "Traceback" not in err
    assert service.writes() == []


def test_1_for_an_unreachable_endpoint(project, service):
    project.save(endpoint="http://127.0.0.1:1")
    code, _, err = project.run("plan")
    assert code == 1
    assert "127.0.0.1:1" in err


def test_1_for_a_wrong_key(make_service, tmp_path):
    service = make_service(access_keys=["test_TheOnlyKeyThatIsRight"])
    project = Project(tmp_path / "checkout", service.url)
    project.write("a", say("Hello", "A"))
    code, _, err = project.run("apply", "--auto-approve")
    assert code == 1
    assert "401" in err
    assert KEY not in err


def test_1_when_all_failed_before_it_was_written(applied, service):
    applied.write("a", say("Good day", "A"))
    service.faults("PUT * 429=200")
    code, _, err = applied.run("apply", "--auto-approve")
    assert code == 1, err
    assert "failed" in err


def test_3_refused_without_acknowledgement(applied, service):
    applied.remove("a")
    writes = service.writes()
    code, _, err = applied.run("apply", "--auto-approve")
    assert code == REFUSED
    assert err.startswith("Refused: ")
    assert "--allow-deletes 1" in err
    assert service.writes() == writes
    assert service.titles() == ["A", "B", "C"]
    assert applied.run("apply", "--auto-approve", "--allow-deletes", "1")[0] == 0
    assert service.titles() == ["B", "C"]


@pytest.mark.parametrize("number", ["0", "2", "17"])
def test_allow_deletes_is_exact(applied, service, number):
    applied.remove("a")
    assert applied.run("apply", "--auto-approve", "--allow-deletes", number)[0] == REFUSED
    assert service.titles() == ["A", "B", "C"]


def test_allow_is_by_name(applied, service):
    applied.write("a", say("I am a", "A"), protect=True)
    assert applied.run("apply", "--auto-approve")[0] == 0
    applied.remove("a")
    deletes = ["--allow-deletes", "1"]
    assert applied.run("apply", "--auto-approve", *deletes)[0] == REFUSED
    assert applied.run("apply", "--auto-approve", *deletes, "--allow", "b")[0] == REFUSED
    assert service.titles() == ["A", "B", "C"]
    assert applied.run("apply", "--auto-approve", *deletes, "--allow", "a")[0] == 0
    assert service.titles() == ["B", "C"]


def test_allow_and_target_of_no_name_are_wrong_usage(applied, service):
    writes = service.writes()
    applied.write("a", say("Good day", "A"))
    for flags in (["--allow", "nosuch"], ["--target", "nosuch"]):
        code, _, err = applied.run("apply", "--auto-approve", *flags)
        assert code == USAGE, err
        assert "nosuch: there is no call flow of that name" in err
    assert service.writes() == writes


def test_target_leaves_the_others_alone(applied, service):
    applied.write("a", say("Good day", "A"))
    applied.write("b", say("Good day", "B"))
    assert applied.run("apply", "--auto-approve", "--target", "a")[0] == 0
    heard = {body["title"]: payloads(body) for body in service.live().values()}
    assert heard == {"A": ["Good day"], "B": ["I am b"], "C": ["I am c"]}


def test_require_plan_refuses_what_was_not_saved(applied, service):
    applied.save(require_plan=True)
    applied.write("a", say("Good day", "A"))
    writes = service.writes()
    code, _, err = applied.run("apply", "--auto-approve")
    assert code == REFUSED
    assert "mbflow plan --out plan.json" in err
    for words in (("--target", "a"), ("--target", "a", "--allow", "a"), ("--format", "json")):
        assert applied.run("apply", "--auto-approve", *words)[0] == REFUSED
    assert service.writes() == writes
    assert applied.run("apply", plan_file(applied))[0] == 0
    assert len(service.writes()) == len(writes) + 1


def test_require_plan_leaves_timers_and_the_way_back(applied, service):
    """A timer asks nobody, and the way back is for when a line is down."""
    (applied.folder / "calendars").mkdir()
    (applied.folder / "calendars" / "office.yaml").write_text(
        "zone: Europe/London\nopen: {monday: ['00:00-24:00']}\n"
    )
    route = {"calendar": "office", "open": "a", "closed": "b"}
    applied.save(require_plan=True, numbers={"442079460100": route})
    applied.write("a", say("Good day", "A"))
    assert applied.run("apply", plan_file(applied))[0] == 0
    code, _, err = applied.run("apply", "--calendar")
    assert code == 0, err
    assert applied.run("rollback", "last", "--auto-approve", "--allow", "a")[0] == 0
    assert {"A": ["I am a"]}.items() <= {
        body["title"]: payloads(body) for body in service.live().values()
    }.items()


def test_plan_max_age_refuses_an_old_plan(applied, service):
    applied.save(plan_max_age="1h")
    applied.write("a", say("Good day", "A"))
    path = applied.folder / plan_file(applied)
    writes = service.writes()
    age_plan(path)
    code, _, err = applied.run("apply", "plan.json")
    assert code == REFUSED
    assert "plan_max_age" in err
    assert service.writes() == writes
    plan_file(applied)
    assert applied.run("apply", "plan.json")[0] == 0


def age_plan(path):
    """As if it had been made years ago."""
    from mbflow.plan.document import document_digest

    document = json.loads(path.read_text())
    document["created"] = "2020-01-01T00:00:00Z"
    document["digest"] = document_digest(document)
    path.write_text(json.dumps(document))


def test_a_tampered_plan_is_refused(applied, service):
    applied.write("a", say("Good day", "A"))
    path = applied.folder / plan_file(applied)
    path.write_text(path.read_text().replace("Good day", "Bad day"))
    writes = service.writes()
    code, _, err = applied.run("apply", "plan.json")
    assert code == REFUSED
    assert "changed after it was written" in err
    assert service.writes() == writes


def test_a_plan_file_and_target_do_not_go_together(applied, service):
    applied.write("a", say("Good day", "A"))
    plan_file(applied)
    assert applied.run("apply", "plan.json", "--target", "a")[0] == USAGE


def test_4_when_only_a_part_was_done(applied, service):
    applied.write("a", say("Good day", "A"))
    applied.write("b", say("Good day", "B"))
    service.faults("PUT * 429=200 nth=2")
    code, out, _ = applied.run("apply", "--auto-approve", "--parallelism", "1", "-e", "production")
    assert code == 4
    assert "1 done, 1 failed" in out
    assert "To see what is left:\n    mbflow plan -e production" in out


def test_4_when_an_outcome_is_unknown(project, service):
    project.write("a", say("Hello", "A"))
    service.faults("POST * reset after", *[f"GET /call-flows html=401 nth={n}" for n in (2, 3)])
    code, out, err = project.run("apply", "--auto-approve")
    assert code == 4, out + err
    assert "unknown" in err
    assert project.journal.exists()
    service.faults()
    assert project.run("apply", "--auto-approve")[0] == 0
    assert len(service.live()) == 1
    assert not project.journal.exists()


def test_64_without_terminal_and_without_a_plan(applied, service):
    applied.write("a", say("Good day", "A"))
    writes = service.writes()
    code, out, err = applied.run("apply")
    assert code == USAGE
    assert "1 to update" in out, "what it is that somebody would be asked"
    assert "mbflow apply plan.json" in err
    assert "mbflow apply --auto-approve" in err
    assert service.writes() == writes


def test_64_where_the_environment_must_be_named(applied, service):
    document = json.loads((applied.folder / "mbflow.yaml").read_text())
    document["environments"]["staging"] = applied.environment
    (applied.folder / "mbflow.yaml").write_text(json.dumps(document))
    code, _, err = applied.run("plan", environ={"MBFLOW_ENVIRONMENT": ""})
    assert code == USAGE
    assert "production" in err
    assert "staging" in err


@pytest.mark.parametrize(
    "flags", [["--parallelism", "0"], ["--parallelism", "x"], ["--nosuch"], ["a", "b"]]
)
def test_64_for_a_command_line_that_is_wrong(applied, service, flags):
    writes = service.writes()
    code, _, err = applied.run("apply", "--auto-approve", *flags)
    assert code == USAGE, err
    assert service.writes() == writes


def test_show_says_what_plan_said_and_needs_no_network(applied, service):
    applied.write("a", say("Good day", "A"))
    code, planned, _ = applied.run("plan", "--out", "plan.json")
    service.close()
    code, shown, _ = applied.run("show", "plan.json", key="")
    assert code == 0
    assert shown == planned
    assert applied.run("show", "plan.json", "--detailed-exitcode")[0] == 2
    assert applied.run("show", "nosuch.json")[0] in (1, USAGE)
    (applied.folder / "plan.json").write_text("{}")
    assert applied.run("show", "plan.json")[0] == REFUSED


@pytest.mark.parametrize("parallelism", ["1", "16"])
def test_parallelism(project, service, parallelism):
    for number in range(20):
        project.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    assert project.run("apply", "--auto-approve", "--parallelism", parallelism)[0] == 0
    assert len(service.live()) == 20
    assert project.lock.count("id:") == 20
    assert project.run("plan", "--detailed-exitcode")[0] == 0
