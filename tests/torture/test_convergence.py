"""Whatever happened before: when the noise stops, one more apply reaches what git says."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from apply.world import spoken
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mbflow.emulator.quirks import Quirk

from .ending import end
from .scenario import READINGS
from .story import Consent, Story

KEYS = ("a", "b", "c", "deep/d")
TEXTS = ("Hello.", "Good day.", "We are closed.", "Please hold the line.")
EDITS = ("text", "insert", "drop", "reorder", "title", "record")
HAND_EDITS = ("text", "insert", "reorder", "title", "record", "unknown")
sides = st.sampled_from(["main", "main", "main", "staging", "other"])
checkouts = st.sampled_from(["main", "main", "main", "other"])
names = st.sampled_from(KEYS)
texts = st.sampled_from(TEXTS)
numbers = st.integers(0, 5)
places = st.integers(0, 3)
MENU = {**spoken("Press 1."), "onKeypressGoto": "target", "onKeypressVar": "choice"}
steps = st.lists(
    st.sampled_from(
        [
            *(spoken(text) for text in TEXTS),
            {"action": "pause", "options": {"length": 1}},
            {"action": "transfer", "options": {"destination": "31201234567"}},
            MENU,
        ]
    ),
    min_size=1,
    max_size=3,
).map(lambda found: [*found, {"action": "hangup", "id": "target"}] if MENU in found else found)
FAULTS = (
    "POST * reset after nth=1",
    "POST * reset after p=0.5",
    "POST * 503=2 after nth=1",
    "POST * truncated nth=1",
    "POST * html=200 after nth=2",
    "POST * latency=45 after nth=1",
    "POST * twice nth=1",
    "POST * 500 p=0.5",
    "POST * reset p=0.5",
    "PUT * reset after p=0.5",
    "PUT * 502 after nth=1",
    "PUT * truncated nth=1",
    "PUT * latency=45 nth=1",
    "PUT * 429=200 p=0.5",
    "PUT * 500 nth=1",
    "POST /call-flows/*/numbers reset after p=0.5",
    "POST /call-flows/*/numbers 500 p=0.5",
    "GET /call-flows/*/numbers 500 p=0.3",
    "DELETE * reset after nth=1",
    "DELETE * 500 p=0.5",
    "GET * 500 p=0.3",
    "GET * reset p=0.3",
    "GET * html=200 p=0.1",
    "GET * truncated p=0.1",
    "* * 429=1 p=0.2",
    "* * reset after p=0.2",
    "* * reset p=0.2",
)
faults = st.lists(st.sampled_from(FAULTS), min_size=1, max_size=2).map(tuple)
crashes = st.one_of(
    st.tuples(st.just("any"), st.integers(1, 12)),
    st.tuples(st.sampled_from(["before-number", "after-number"]), st.integers(1, 2)),
)
consents = st.builds(
    Consent,
    reviewed=st.booleans(),
    allow=st.sets(names | st.just("31205550000"), max_size=2).map(frozenset),
    allow_deletes=st.none() | st.integers(1, 2),
)


changes = st.one_of(
    st.tuples(st.just("add"), names, steps),
    st.tuples(st.just("edit"), names, st.sampled_from(EDITS), texts),
    st.tuples(st.just("edit"), names, st.sampled_from(EDITS), texts),
    st.tuples(st.just("lead"), places, names),
    st.tuples(st.just("lead"), places, names),
    st.tuples(st.just("take_out"), places),
    st.tuples(st.just("set_default"), names, st.booleans()),
    st.tuples(st.just("rename"), names, names, st.booleans()),
    st.tuples(st.just("copy"), names, names),
    st.tuples(st.just("remove"), names),
    st.tuples(st.just("protect"), names),
)
hands = st.one_of(
    st.tuples(st.just("make"), st.sampled_from(["A", "Reception"]), texts, st.booleans()),
    st.tuples(st.just("edit"), numbers, st.sampled_from(HAND_EDITS), texts),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("copy"), numbers),
    st.tuples(st.just("make_default"), numbers),
    st.tuples(st.just("assign_number"), numbers),
    st.tuples(st.just("move_number"), st.integers(0, 15), numbers),
)
locks = st.one_of(
    st.tuples(st.just("go_back"), st.integers(1, 3)),
    st.tuples(st.just("set_lock_back"), st.integers(1, 3)),
    st.tuples(st.just("lose_lock")),
    st.tuples(st.just("break_lock"), st.sampled_from(["foreign", "cut off", "unmerged"])),
)
first_files = st.dictionaries(names, steps, min_size=1)
some_changes = st.lists(changes, min_size=1, max_size=3)
troubles = st.one_of(
    st.fixed_dictionaries({"faults": faults}),
    st.fixed_dictionaries({"crash": crashes}),
    st.fixed_dictionaries({"faults": faults, "crash": crashes}),
)


class Convergence(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mbflow-story-"))
        self.story = None

    def teardown(self):
        try:
            if self.story is not None and not self.story.failed:
                with self.story.told():
                    end(self.story)
        finally:
            if self.story is not None:
                self.story.close()
            shutil.rmtree(self.folder)

    @initialize(
        quirks=st.sets(st.sampled_from(list(Quirk)), max_size=3),
        seed=st.integers(0, 9),
        files=first_files,
        other=first_files,
        default=st.none() | names,
        leads=st.lists(st.tuples(places, names), max_size=4),
        reading=st.sampled_from(READINGS),
        trouble=st.just({}) | troubles,
        careless=st.integers(0, 3),
    )
    def begin(self, quirks, seed, files, other, default, leads, reading, trouble, careless):
        """`careless` people, one story in four, lose locks and break them."""
        quirks |= {*reading}
        self.story = Story(self.folder, quirks=[quirk.value for quirk in quirks], seed=seed)
        self.careless = careless == 3
        for side, found in ((self.story.main, files), (self.story.other, other)):
            for name, steps in found.items():
                self.story.history.add(side, name, steps)
        self.story.history.set_default(self.story.main, default, True)
        for place, name in leads:
            self.story.history.lead(self.story.main, place, name)
        self.story.apply(self.story.main, Consent(), **trouble)
        self.story.apply(self.story.other, Consent())

    def side(self, name):
        return getattr(self.story, name)

    def git(self, side, changes):
        for name, *arguments in changes:
            getattr(self.story.history, name)(self.side(side), *arguments)

    @rule(side=checkouts, changes=some_changes, trouble=troubles)
    def work_in_trouble(self, side, changes, trouble):
        self.git(side, changes)
        self.story.apply(self.side(side), Consent(), **trouble)

    @rule(side=checkouts, changes=some_changes, deed=hands, moment=st.integers(1, 6))
    def work_while_somebody_else_does(self, side, changes, deed, moment):
        self.git(side, changes)
        meanwhile = (lambda: self.by_hand(deed), moment)
        self.story.apply(self.side(side), Consent(), deed=meanwhile)

    @rule(side=checkouts, changes=some_changes, consent=consents)
    def work(self, side, changes, consent):
        self.git(side, changes)
        self.story.apply(self.side(side), consent)

    @rule(side=sides, consent=consents, trouble=st.just({}) | troubles)
    def apply(self, side, consent, trouble):
        self.story.apply(self.side(side), consent, **trouble)

    @rule(side=sides, faults=st.just(()) | faults)
    def plan(self, side, faults):
        self.story.look(self.side(side), faults)

    @rule(deed=hands)
    def by_hand(self, deed):
        name, *arguments = deed
        getattr(self.story.people, name)(*arguments)

    @rule(side=checkouts, deed=locks)
    def damage(self, side, deed):
        if self.careless:
            self.lock(side, deed)

    def lock(self, side, deed):
        name, *arguments = deed
        getattr(self.story.history, name)(self.side(side), *arguments)

    @rule(side=sides, changes=some_changes)
    def save_plan(self, side, changes):
        self.git("main" if side == "staging" else side, changes)
        self.story.save_plan(self.side(side))

    @rule(side=sides, trouble=st.just({}) | troubles)
    def apply_saved(self, side, trouble):
        self.story.apply_saved(self.side(side), **trouble)


LIMITS = settings(
    max_examples=4,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


class TestConvergence(Convergence.TestCase):
    settings = LIMITS


@pytest.mark.long
class TestLongConvergence(Convergence.TestCase):
    settings = settings(LIMITS, max_examples=int(os.environ.get("MBFLOW_STORIES", "30")))
