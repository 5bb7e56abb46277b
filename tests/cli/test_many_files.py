"""Files that other processes read while the account is read: the same words, nothing left."""

import os
import shutil
import signal

import pytest
from apply.world import say

from mbflow.project.cache import FOLDER
from mbflow.project.workers import WORTH_FORKING

from .conftest import KEY, LONGEST, Project
from .racing import ended

SEVERAL = 4


@pytest.fixture
def project(tmp_path, service):
    """As many files as several processes read, a few of them with a flow."""
    project = Project(tmp_path / "checkout", service.url)
    for number in range(SEVERAL):
        project.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    for number in range(WORTH_FORKING):
        project.write(f"none-{number}", say("Elsewhere", "None"), environments=[])
    return project


def both_ways(project, *arguments, key=KEY):
    """What it says with several processes, after what it says with one: here are threads."""
    alone = project.run(*arguments, key=key)
    shutil.rmtree(project.folder / ".mbflow" / FOLDER, ignore_errors=True)
    together = ended(project.start(*arguments, key=key))
    return alone, together


def test_a_plan_says_the_same_with_several_processes(project, service):
    project.write("flow-1", {"title": "A", "steps": [{"action": "sya"}]})
    alone, together = both_ways(project, "plan", "--target", "flow-2")
    assert together == alone
    assert "create  flow-2" in alone[1]


def test_what_stops_a_plan_stops_it_before_it_asks(project, service):
    journal = project.folder / ".mbflow" / "production" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    for arguments, key, spoiled in (
        ((), "", None),
        (("--target", ""), KEY, None),
        ((), KEY, journal),
        ((), KEY, project.folder / "mbflow.lock.yaml"),
    ):
        if spoiled:
            spoiled.write_text('{"journal": 99}\n')
        alone, together = both_ways(project, "plan", *arguments, key=key)
        assert together == alone
        assert alone[0] not in (0, 70)
        assert service.sent("GET") == []


def test_a_service_that_fails_is_told_in_the_same_words(project, service):
    service.faults("GET * html=404")
    alone, together = both_ways(project, "plan")
    assert together == alone
    assert (alone[0], alone[1]) == (1, "")


def test_ctrl_c_leaves_no_process(project, make_service, gates):
    service = make_service(sleep=gates.sleep)
    project.save(endpoint=service.url)
    service.faults("GET * latency=1")
    process = project.start("plan", session="new")
    gates.wait_for(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(LONGEST) == 130
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
