"""SIGINT and SIGTERM while the account is read, while it is written, and while mbflow waits."""

import json
import os
import signal
import threading
import time

import pytest
from apply.world import say

from mbflow.apply.run_lock import stopping_on_signals
from mbflow.state.journal import read_journal

from .conftest import LONGEST, Project
from .racing import ended

INTERRUPTED = 130
BOTH = pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
APPLY = ("apply", "--auto-approve")


@pytest.fixture
def service(make_service, gates):
    return make_service(sleep=gates.sleep)


@pytest.fixture
def six(project):
    for number in range(6):
        project.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    return project


def interrupted(process, number=signal.SIGINT):
    """What it said when it had ended, with the code of an interrupted program."""
    process.send_signal(number)
    code, out, err = ended(process)
    assert code == INTERRUPTED, out + err
    assert "Traceback" not in err
    return out + err


def check_is_done(project, service, flows):
    code, out, err = project.run(*APPLY)
    assert code == 0, out + err
    assert len(service.live()) == flows
    assert project.run("plan", "--detailed-exitcode")[0] == 0
    assert not project.journal.exists()


@BOTH
def test_what_is_in_flight_ends_and_the_next_does_the_rest(six, service, gates, number):
    service.faults("POST * latency=1 nth=1", "POST * latency=2 nth=2")
    process = six.start(*APPLY, "--parallelism", "2", "--results", "results.jsonl")
    gates.wait_for(1, 2)
    process.send_signal(number)
    gates.open(1, 2)
    code, out, err = ended(process)
    assert code == INTERRUPTED, out + err
    made = len(service.live())
    assert 2 <= made <= 5, "what was in flight was finished, and no more was begun"
    lines = (six.folder / "results.jsonl").read_text().splitlines()[1:]
    records = {record["flow"]: record for record in map(json.loads, lines)}
    statuses = {name: record["status"] for name, record in records.items()}
    assert len(statuses) == 6
    assert list(statuses.values()).count("skipped") == 6 - made
    summary = f"Interrupted: {made} written, not yet checked; {6 - made} not begun. production\n("
    assert f"{summary}{service.url})\nWhat is done stays done. To see what is left:\n" in out
    left = [line for line in err.splitlines() if not line.startswith("done ")]
    lines = [_left(records[f"flow-{number}"]) for number in range(6)]
    lines.sort(key=lambda line: not line.startswith("written"))
    assert left == lines, "in one list, what was written first"
    assert read_journal(six.journal).open == (), "the next run waits for nothing that was not sent"
    check_is_done(six, service, 6)


def _left(record):
    word = "not begun" if record["status"] == "skipped" else "written  "
    return f"{word}  create  {record['flow']}  {record['id'] or ''}".rstrip()


@BOTH
def test_while_the_account_is_read_nothing_is_waited_for(applied, service, gates, number):
    applied.write("a", say("Good day", "A"))
    writes = service.writes()
    service.faults("GET /call-flows latency=1 nth=1")
    process = applied.start(*APPLY)
    gates.wait_for(1)
    interrupted(process, number)
    assert service.writes() == writes


def test_while_flows_are_read_by_id_nothing_is_waited_for(make_service, tmp_path, gates):
    """Where lists hide what has to be compared, several threads read the flows."""
    service = make_service(sleep=gates.sleep, quirks=["list-without-steps"])
    project = Project(tmp_path / "checkout", service.url)
    for name in "abc":
        project.write(name, say(f"I am {name}", name.upper()))
    assert project.run(*APPLY)[0] == 0
    writes = service.writes()
    service.faults("GET /call-flows/* latency=1")
    process = project.start(*APPLY)
    gates.wait_for(1)
    interrupted(process)
    assert service.writes() == writes


def test_a_second_signal_ends_it_at_once_and_nothing_is_lost(six, service, gates):
    service.faults("POST * latency=1")
    process = six.start(*APPLY, "--parallelism", "6")
    gates.wait_for(1)
    until = time.monotonic() + LONGEST
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        assert time.monotonic() < until
    assert process.returncode == INTERRUPTED
    assert six.journal.exists()
    gates.open(1)
    check_is_done(six, service, 6)


def test_a_signal_may_come_while_the_program_holds_a_lock():
    """Waiting takes a lock for an instant, and so does ending the wait."""
    lock, took, told = threading.Lock(), [], threading.Event()

    def interrupt():
        took.append(lock.acquire(timeout=2))
        told.set()

    with stopping_on_signals(interrupt) as stop:
        with lock:
            os.kill(os.getpid(), signal.SIGINT)
        assert told.wait(LONGEST)
        assert stop.is_set()
    assert took == [True]


def test_a_signal_does_not_wait_for_read_backs(applied, service):
    """The service never shows the write: reading back would go on for a quarter of a minute."""
    applied.write("a", say("Good day", "A"))
    service.faults(*[f"GET /call-flows/* html=401 nth={number}" for number in range(3, 10)])
    process = applied.start(*APPLY)
    service.wait_for("PUT", 1)
    assert "1 written, not yet checked" in interrupted(process)
    assert len([one for one in service.sent("GET") if one.count("/") == 2]) < 11
    service.faults()
    check_is_done(applied, service, 3)


def test_a_signal_does_not_wait_as_long_as_the_service_asks(project, service):
    project.write("a", say("Hello", "A"))
    service.faults("POST * 429=100")
    process = project.start(*APPLY)
    service.wait_for("POST", 1)
    interrupted(process)
    service.faults()
    check_is_done(project, service, 1)


def test_a_signal_does_not_wait_until_a_lost_create_has_settled(project, service):
    """Neither in the apply that lost it nor in the next, which looks for it before it plans."""
    project.save(settle_seconds=3000)
    project.write("a", say("Hello", "A"))
    service.faults("POST * reset")
    process = project.start(*APPLY)
    service.wait_for("GET", 2)
    assert "unknown" in interrupted(process)
    assert project.journal.exists()
    process = project.start(*APPLY)
    service.wait_for("GET", 3)
    interrupted(process)
    service.faults()
    project.save(settle_seconds=0)
    check_is_done(project, service, 1)
