"""Several at once, as real processes: nothing is silently overwritten, rolled back or doubled.

What each request waits for is told by gates; see `racing`.
"""

import json

import pytest
from apply.world import say

from .racing import Gates, ended

APPLY = ("apply", "--auto-approve")
DONE, FAILED, REFUSED, PARTIAL = 0, 1, 3, 4


@pytest.fixture
def gates(make_service):
    gates = Gates()
    yield gates
    gates.open_all()


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


@pytest.mark.parametrize(
    "words",
    [APPLY, ("rollback", "--auto-approve"), ("forget", "a"), ("adopt", "a", "x"), ("import", "a")],
    ids=lambda words: words[0],
)
def test_while_an_apply_runs_nothing_else_writes_in_its_checkout(
    applied, service, gates, running, words
):
    lock, asked = applied.lock, len(service.exchange.requests())
    code, out, err = applied.run(*words)
    assert (code, out) == (REFUSED, "")
    assert err.startswith("Refused: Another apply is running in this checkout.\n")
    assert "Wait until it has ended" in err
    assert applied.lock == lock
    assert len(service.exchange.requests()) == asked, "it did not ask the service anything"
    gates.open(1)
    assert ended(running)[0] == DONE
    assert applied.run("plan", "--detailed-exitcode")[0] == DONE


def test_while_an_apply_runs_a_plan_can_be_made(applied, service, gates, running):
    code, out, _ = applied.run("plan")
    assert code == DONE
    assert "update  b" in out
    gates.open(1)
    assert ended(running)[0] == DONE


def test_two_environments_of_one_checkout_share_a_lock_and_take_turns(project, service, gates):
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
    assert "Another apply is running in this checkout" in err
    gates.open(1)
    assert ended(production)[0] == DONE
    assert project.run(*APPLY, "-e", "staging")[0] == DONE
    assert project.lock.count("    a: {id:") == 2


def test_the_embedded_environment_has_a_lock_and_turns_of_its_own(applied, service, gates, running):
    assert applied.run(*APPLY, "-e", "local")[0] == DONE
    gates.open(1)
    assert ended(running)[0] == DONE


def test_of_four_that_start_together_those_that_do_not_wait_are_told(project, service):
    for key in "abc":
        project.write(key, say(f"I am {key}", key.upper()))
    results = [ended(process) for process in [project.start(*APPLY) for _ in range(4)]]
    codes = {code for code, _, _ in results}
    assert DONE in codes
    assert codes <= {DONE, REFUSED}
    refusals = [err for code, _, err in results if code == REFUSED]
    assert all("Another apply is running in this checkout" in err for err in refusals)
    assert service.titles() == ["A", "B", "C"]
    assert project.run("plan", "--detailed-exitcode")[0] == DONE
