"""The program killed with SIGKILL at every labelled place, and while any of its requests is open.

One ordinary apply must then end what was begun: see `history` for what that means.
"""

import ast
import random
import signal
from pathlib import Path

import pytest

import mbflow

from . import killed_apply
from .conftest import LONGEST, Service
from .history import (
    EVERYTHING,
    Copy,
    History,
    acknowledged,
    check_is_done,
    done_as_asked,
)

KILLED = -signal.SIGKILL
ONE_DEFAULT = ("second-default-refused",)
"""Only there the former default flow is cleared first, which has labels of its own."""


def labels():
    """Every checkpoint of the product: the texts that are given to it."""
    found = set()
    for path in Path(mbflow.__file__).parent.rglob("*.py"):
        text = path.read_text()
        # Each worker asks this while it collects; most modules have none.
        for node in ast.walk(ast.parse(text)) if "checkpoint" in text else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "checkpoint":
                (label,) = node.args
                assert isinstance(label, ast.Constant), f"{path}:{node.lineno} must say its label"
                found.add(label.value)
    assert found
    return sorted(found)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    return History(folder / "checkout", Service(folder))


@pytest.fixture
def make_case(history, make_service, tmp_path, gates):
    """The service and the checkout just before the apply of this history."""

    def make(**options):
        service = make_service(holding=history.service.database, sleep=gates.sleep, **options)
        return service, Copy(history.project, tmp_path / "checkout", service.url)

    return make


def killed_at(project, label, nth, *arguments):
    words = [killed_apply.__file__, label, str(nth), *arguments]
    process = project.start_python(words)
    out, err = process.communicate(timeout=LONGEST)
    assert process.returncode == KILLED, f"it did not come to {label}: {out}{err}"


BRIEF = {"journal-begun", "after-post", "after-put", "after-number", "after-delete"}


def at_labels(names, brief):
    """The places to kill at: `brief` by default, all of them in the long run."""
    return [pytest.param(name, marks=() if name in brief else pytest.mark.long) for name in names]


@pytest.mark.parametrize("label", at_labels(labels(), BRIEF))
def test_killed_at_each_place_the_next_apply_ends_it(history, make_case, label):
    """A label to which this history does not lead fails here: then the history must grow."""
    service, project = make_case(quirks=ONE_DEFAULT)
    killed_at(project, label, 1, "apply", *EVERYTHING)
    done_as_asked(project, "apply")
    check_is_done(history, service, project)


FIRST, *OTHERS = random.Random(4711).sample(range(2, 30), 4)


@pytest.mark.parametrize("nth", [FIRST, *(pytest.param(n, marks=pytest.mark.long) for n in OTHERS)])
def test_killed_far_on_among_other_threads(history, make_case, nth):
    service, project = make_case()
    killed_at(project, "any", nth, "apply", "--parallelism", "3", *EVERYTHING)
    done_as_asked(project, "apply")
    check_is_done(history, service, project)


def test_killed_again_and_again_it_still_ends(history, make_case):
    """Each run finds the journal of a killed one, and is killed a little further on."""
    service, project = make_case()
    for label in ("before-post", "after-post", "after-read-back", "after-put"):
        killed_at(project, label, 1, "apply", *EVERYTHING)
    done_as_asked(project, "apply")
    check_is_done(history, service, project)


@pytest.mark.parametrize(
    "label", at_labels(["after-post", "after-put", "after-delete"], {"after-put"})
)
def test_a_rollback_that_was_killed_does_not_stand_in_the_way(history, make_case, label):
    service, project = make_case()
    done_as_asked(project, "apply")
    _, _, err = project.run("rollback", "last", "--auto-approve")
    killed_at(project, label, 1, "rollback", "last", *acknowledged(err))
    done_as_asked(project, "apply")
    check_is_done(history, service, project)


REQUESTS = 46
"""Of one apply of this history. Which comes when is left to its threads."""
DRAWN = random.Random(20170314)
MOMENTS = [(DRAWN.choice(["before", "after"]), DRAWN.randint(4, REQUESTS - 4)) for _ in range(6)]
LATER = [pytest.param(*moment, marks=pytest.mark.long) for moment in MOMENTS[2:]]


@pytest.mark.parametrize(("moment", "nth"), [*MOMENTS[:2], *LATER])
def test_killed_while_a_request_is_open(history, make_case, gates, moment, nth):
    """The service has it, and carries it out `before` or `after` nobody is there any more."""
    service, project = make_case()
    service.faults(f"* * latency=1 {moment} nth={nth}")
    process = project.start("apply", "--parallelism", "3", *EVERYTHING)
    gates.wait_for(1)
    process.kill()
    assert process.wait(LONGEST) == KILLED
    gates.open_all()
    done_as_asked(project, "apply")
    check_is_done(history, service, project)


@pytest.mark.long
def test_what_was_posted_is_found_amid_the_next_apply(history, make_case, gates):
    service, project = make_case()
    project.save(settle_seconds=30)
    service.faults("POST * latency=1 nth=1", "GET /call-flows latency=2 nth=3")
    process = project.start("apply", *EVERYTHING)
    gates.wait_for(1)
    process.kill()
    assert process.wait(LONGEST) == KILLED
    next_one = project.start("apply", *EVERYTHING)
    gates.wait_for(2)
    gates.open_all()
    out, err = next_one.communicate(timeout=LONGEST)
    assert next_one.returncode == 0, out + err
    check_is_done(history, service, project)
