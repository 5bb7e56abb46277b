"""Several at once, as real processes: nothing is silently overwritten, rolled back or doubled.

What each request waits for is told by gates; see `conftest`.
"""

import json

import pytest
from apply.world import payloads, say

from .racing import Clone, Hand, committed, ended, git

APPLY = ("apply", "--auto-approve")
DONE, FAILED, REFUSED, PARTIAL = 0, 1, 3, 4


@pytest.fixture
def service(make_service, gates):
    return make_service(sleep=gates.sleep)


# Two in one checkout


@pytest.fixture
def running(applied, service, gates):
    """An apply that changes b and has come to its PUT; gate 1 lets it go on."""
    applied.write("b", say("Good day", "B"))
    service.faults("PUT * latency=1 nth=1")
    process = applied.start(*APPLY)
    gates.wait_for(1)
    return process


WRITERS = [
    APPLY,
    ("rollback", "--auto-approve"),
    ("forget", "a"),
    ("adopt", "a", "x"),
    ("import", "a"),
]


def test_while_an_apply_runs_nothing_else_writes_in_its_checkout(applied, service, gates, running):
    lock, asked = applied.lock, service.emulator.requests()
    for words in WRITERS:
        code, out, err = applied.run(*words)
        assert (code, out) == (REFUSED, ""), words
        assert err.startswith("Refused: Another apply is running in this folder.\n")
        assert "Wait until it has ended: " in err
    assert applied.lock == lock
    assert service.emulator.requests() == asked, "they did not ask the service anything"
    gates.open(1)
    assert ended(running)[0] == DONE
    assert applied.run("plan", "--detailed-exitcode")[0] == DONE


def test_while_an_apply_runs_a_plan_can_be_made(applied, service, gates, running):
    code, out, _ = applied.run("plan")
    assert code == DONE
    assert "update  b" in out
    gates.open(1)
    assert ended(running)[0] == DONE


def test_two_environments_share_a_lock_and_take_turns(project, service, gates):
    """The lock is one file: the apply that ended last would drop what the other had written."""
    settings = {name: project.environment for name in ("production", "staging")}
    document = {"project": "acme", "environments": settings}
    (project.folder / "mbflow.yaml").write_text(json.dumps(document))
    project.write("a", say("Hello", "A"))
    service.faults("POST * latency=1 nth=1")
    production = project.start(*APPLY)
    gates.wait_for(1)
    code, _, err = project.run(*APPLY, "-e", "staging")
    assert code == REFUSED
    assert "Another apply is running in this folder" in err
    gates.open(1)
    assert ended(production)[0] == DONE
    assert project.run(*APPLY, "-e", "staging")[0] == DONE
    assert project.lock.count("    a: {id:") == 2


def test_the_embedded_environment_has_its_own_lock_and_turns(applied, service, gates, running):
    assert applied.run(*APPLY, "-e", "local")[0] == DONE
    gates.open(1)
    assert ended(running)[0] == DONE


def test_of_four_at_once_those_that_do_not_wait_are_told(project, service):
    for name in "abc":
        project.write(name, say(f"I am {name}", name.upper()))
    results = [ended(process) for process in [project.start(*APPLY) for _ in range(4)]]
    codes = {code for code, _, _ in results}
    assert DONE in codes
    assert codes <= {DONE, REFUSED}
    refusals = [err for code, _, err in results if code == REFUSED]
    assert all("Another apply is running in this folder" in err for err in refusals)
    assert service.titles() == ["A", "B", "C"]
    assert project.run("plan", "--detailed-exitcode")[0] == DONE


# Two checkouts of one project


@pytest.fixture
def other(applied, tmp_path):
    """A clone of the applied project at the same commit."""
    committed(applied, "all applied")
    return Clone(applied, tmp_path / "clone")


def both_looked(gates, service, first, second, write="PUT"):
    """An apply of each; both have looked for the last time, and neither has written yet.

    Their writes wait at the gates 1 and 2, the answers to them at 3 and 4.
    """
    befores = [f"{write} * latency={number} nth={number}" for number in (1, 2)]
    service.faults(*befores, *[f"{write} * latency={n + 2} after nth={n}" for n in (1, 2)])
    processes = []
    for number, project in enumerate((first, second), 1):
        processes.append(project.start(*APPLY))
        gates.wait_for(number)
    return processes


def heard(service, title):
    """What callers of the flow with this title hear; several flows are several lists."""
    found = [payloads(body) for body in service.live().values() if body["title"] == title]
    return found[0] if len(found) == 1 else found


def assert_asked_before_overwriting(project, service, hazard):
    """The next apply of this checkout names what it found and leaves it alone."""
    live = service.live()
    code, _, err = project.run(*APPLY)
    assert code == REFUSED
    assert f"{hazard}: " in err
    assert "mbflow import a" in err
    assert service.live() == live


def test_a_write_of_another_checkout_is_not_overwritten(applied, other, service, gates):
    applied.write("a", say("Mine", "A"))
    other.write("a", say("Theirs", "A"))
    service.faults("GET /call-flows/* latency=1 nth=1")
    mine = applied.start(*APPLY)
    gates.wait_for(1)
    assert other.run(*APPLY)[0] == DONE
    gates.open(1)
    code, _, err = ended(mine)
    assert code == FAILED
    assert "failed   update  a" in err
    assert "the live flow was edited since the plan was made: plan again" in err
    assert heard(service, "A") == ["Theirs"]
    assert_asked_before_overwriting(applied, service, "conflict")


def test_both_looked_and_the_loser_still_reads_back(applied, other, service, gates):
    applied.write("a", say("Mine", "A"))
    other.write("a", say("Theirs", "A"))
    mine, theirs = both_looked(gates, service, applied, other)
    gates.open(1)
    gates.wait_for(3)
    Hand(service).move_clock(2)
    gates.open(2, 4)
    assert ended(theirs)[0] == DONE
    gates.open(3)
    code, out, err = ended(mine)
    assert code == PARTIAL
    assert "unknown  update  a" in err
    assert "changed by somebody else, whose change stands: plan again" in err
    assert "1 unknown" in out
    assert heard(service, "A") == ["Theirs"]
    assert_asked_before_overwriting(applied, service, "outside-edit")


def test_both_looked_and_the_loser_has_gone_home(applied, other, service, gates):
    """The one window that the API leaves: no conditional write. The next plan shows it."""
    applied.write("a", say("Mine", "A"))
    other.write("a", say("Theirs", "A"))
    mine, theirs = both_looked(gates, service, applied, other)
    gates.open(1, 3)
    assert ended(mine)[0] == DONE
    assert heard(service, "A") == ["Mine"]
    gates.open(2, 4)
    assert ended(theirs)[0] == DONE
    assert heard(service, "A") == ["Theirs"]
    assert_asked_before_overwriting(applied, service, "outside-edit")


@pytest.mark.parametrize("together", [True, False])
def test_the_same_content_from_two_checkouts_is_done_for_both(
    applied, other, service, gates, together
):
    for project in (applied, other):
        project.write("a", say("Good day", "A"))
    if together:
        mine, theirs = both_looked(gates, service, applied, other)
        gates.open(1, 2, 3, 4)
        results = [ended(mine), ended(theirs)]
    else:
        service.faults("GET /call-flows/* latency=1 nth=1")
        mine = applied.start(*APPLY)
        gates.wait_for(1)
        theirs = other.run(*APPLY)
        gates.open(1)
        results = [ended(mine), theirs]
        assert "1 done already" in results[0][1]
    assert [code for code, _, _ in results] == [DONE, DONE]
    assert heard(service, "A") == ["Good day"]
    for project in (applied, other):
        assert project.run("plan", "--detailed-exitcode")[0] == DONE
    assert applied.lock == other.lock


def test_two_creates_of_one_name_are_told_with_a_way_out(applied, other, service, gates):
    """Nothing is overwritten, but there is a twin: whoever lists last sees it."""
    for project in (applied, other):
        project.write("new", say("I am new", "New"))
    service.faults("POST * latency=1 nth=1")
    mine = applied.start(*APPLY)
    gates.wait_for(1)
    assert other.run(*APPLY)[0] == DONE
    (first,) = service.live().keys() - known_ids(applied)
    gates.open(1)
    code, out, err = ended(mine)
    (second,) = service.live().keys() - known_ids(applied) - {first}
    assert code == PARTIAL
    assert "unknown  create  new" in err
    assert "it is there more than once: " in err
    assert first in err
    assert second in err
    assert "1 unknown" in out
    assert len(service.live()) == 5, "mbflow deletes neither"
    Hand(service).delete(second)
    assert applied.run("adopt", "new", first)[0] == DONE
    assert other.run("plan", "--detailed-exitcode")[0] == DONE
    assert applied.run("plan", "--detailed-exitcode")[0] == DONE


def known_ids(project):
    """The live flows that the lock of the last commit names."""
    lock = git(project.folder, "show", "HEAD:mbflow.lock.yaml")
    return {word.rstrip(",") for word in lock.split() if len(word.rstrip(",")) == 36}


def test_both_creates_are_told_where_both_list_last(applied, other, service, gates):
    applied.write("new", say("I am new", "New"))
    other.write("new", say("I am new, too", "New"))
    processes = both_looked(gates, service, applied, other, "POST")
    gates.open(1, 2)
    gates.wait_for(3, 4)
    gates.open(3, 4)
    results = [ended(process) for process in processes]
    assert [code for code, _, _ in results] == [PARTIAL, PARTIAL]
    assert all("it is there more than once: " in err for _, _, err in results)


def test_a_flow_that_another_checkout_updates_is_not_deleted(applied, other, service, gates):
    applied.remove("a")
    other.write("a", say("Still needed", "A"))
    service.faults("GET /call-flows/*-* latency=1 nth=2")
    mine = applied.start(*APPLY, "--allow-deletes", "1")
    gates.wait_for(1)
    assert other.run(*APPLY)[0] == DONE
    gates.open(1)
    code, _, err = ended(mine)
    assert code == FAILED
    assert "the live flow was edited since the plan was made: plan again" in err
    assert heard(service, "A") == ["Still needed"]


def test_a_flow_that_another_checkout_moves_is_not_overwritten(applied, other, service, gates):
    """The move changes nothing but the markers."""
    applied.write("a", say("Good day", "A"))
    other.remove("a")
    other.write("z", say("I am a", "A"), was="a")
    service.faults("GET /call-flows/* latency=1 nth=1")
    mine = applied.start(*APPLY)
    gates.wait_for(1)
    assert other.run(*APPLY)[0] == DONE
    gates.open(1)
    code, _, err = ended(mine)
    assert code == FAILED
    assert "the live flow belongs to another name now: merge the branch that moved it" in err
    assert heard(service, "A") == ["I am a"]
    assert other.run("plan", "--detailed-exitcode")[0] == DONE


def test_whatever_two_checkouts_do_together_no_loss_is_silent(applied, other, service):
    """Started at once and left alone, so that every order comes up sooner or later."""
    for project, name in ((applied, "Mine"), (other, "Theirs")):
        project.write("a", say(name, "A"))
        project.write("new", say(f"{name} too", "New"))
    started = [project.start_impatient(*APPLY) for project in (applied, other)]
    results = [ended(process) for process in started]
    codes = [code for code, _, _ in results]
    assert set(codes) <= {DONE, FAILED, REFUSED, PARTIAL}
    news = [body for body in service.live().values() if body["title"] == "New"]
    told = [err for code, _, err in results if code == PARTIAL]
    assert len(news) == 1 or any("it is there more than once" in err for err in told)
    for project, (code, _, _), name in zip(
        (applied, other), results, ("Mine", "Theirs"), strict=True
    ):
        if heard(service, "A") != [name]:
            assert code != DONE or project.run("plan", "--detailed-exitcode")[0] in (2, REFUSED)


# A branch behind main


@pytest.fixture
def behind(applied, tmp_path):
    """A clone at the commit before main changed a, removed b, added d and applied all that."""
    before = committed(applied, "before")
    applied.write("a", say("From main", "A"))
    applied.remove("b")
    applied.write("d", say("We are closed on Sundays", "D"))
    code, _, err = applied.run(*APPLY, "--allow-deletes", "1")
    assert code == DONE, err
    committed(applied, "main")
    return Clone(applied, tmp_path / "behind", before)


def test_a_branch_behind_main_takes_nothing_back(applied, behind, service):
    live = service.live()
    code, out, err = behind.run(*APPLY)
    assert code == REFUSED
    assert "update a: outside-edit: " in err
    assert "or this branch is behind" in err
    assert "create b: recreate: " in err
    assert "orphan" in out
    assert "delete" not in err
    assert service.live() == live
    assert applied.run("plan", "--detailed-exitcode")[0] == DONE


def test_a_branch_behind_main_can_apply_its_own_work(applied, behind, service):
    behind.write("c", say("From the branch", "C"))
    behind.write("e", say("I am e", "E"))
    assert behind.run(*APPLY, "--target", "c", "--target", "e")[0] == DONE
    assert heard(service, "C") == ["From the branch"]
    assert heard(service, "A") == ["From main"]
    assert service.titles() == ["A", "C", "D", "E"]


def test_a_branch_behind_main_that_renamed_a_flow_is_refused(applied, tmp_path, service):
    before = committed(applied, "before")
    applied.remove("a")
    applied.write("z", say("I am a", "A"), was="a")
    assert applied.run(*APPLY)[0] == DONE
    behind = Clone(applied, tmp_path / "behind", before)
    live = service.live()
    code, _, err = behind.run(*APPLY)
    assert code == REFUSED
    assert "Your branch may be behind the one that moved it: merge that first." in err
    assert service.live() == live


def test_old_files_with_a_new_lock_say_what_they_take_back(applied, behind, service):
    """To the lock this is what a revert looks like: it is shown, and the delete is asked for."""
    git(behind.folder, "checkout", "--quiet", "origin/HEAD", "--", "mbflow.lock.yaml")
    live = service.live()
    code, out, err = behind.run(*APPLY)
    assert code == REFUSED
    assert 'payload "From main" -> "I am a"' in out
    assert "- delete  d" in out
    assert "The plan deletes 1 of 3 flows of this project: d. Confirm the number, or list" in err
    assert "--allow-deletes 1" in err
    assert service.live() == live
