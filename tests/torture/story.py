"""A story: an account, three sides that apply to it, people with a dashboard, and bad luck.

Every deed is recorded as a line, and after each apply is judged what must never happen. What the
story knows of the account it reads from the database, past all quirks.
"""

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field

from apply.world import ENDPOINT, PRODUCTION, Killed, Repo, World, killed_at

from mbflow.apply.result import NumberResult
from mbflow.apply.write import no_checkpoint
from mbflow.emulator.quirks import Quirk
from mbflow.model.errors import Error, RefusedError
from mbflow.plan.document import plan_json, read_plan
from mbflow.state.lock import read_lock

from .bodies import seeded_ids, tree
from .counting import count_number, counts, places
from .history import LOCK, History
from .judging import Judge
from .links import Links
from .meanwhile import Meanwhile
from .people import People

STAGING = {"staging": {"endpoint": ENDPOINT, "settle_seconds": 30}}
TWICE = "a POST was committed twice"
AT_NUMBERS = {
    *(Quirk.LINKED_NUMBER_409, Quirk.LINKED_NUMBER_ADDED, Quirk.LINKS_SEEN_LATE),
    *(Quirk.NUMBERS_PUT_ADDS, Quirk.NO_NUMBERS_ENDPOINT, Quirk.STALE_READS),
    Quirk.DELETE_REFUSED_WITH_NUMBERS,
}
"""Quirks by which the service treats numbers otherwise."""


class Violation(AssertionError):
    """A promise was broken. The text holds the whole story."""


@dataclass(eq=False)
class Side:
    """One environment of one checkout."""

    name: str
    repo: Repo
    environment: str
    plan: object = None
    """A saved plan."""
    base_known: bool = True
    """The lock was not lost or set back, so it knows what was sent last."""

    def files(self):
        """Key to flow, as git wants them here."""
        return dict(self.repo.checkout(self.environment).flows)


@dataclass(repr=False)
class Consent:
    """What is said to a plan."""

    reviewed: bool = True
    allow: frozenset = frozenset()
    allow_deletes: int | None = None

    def __repr__(self):
        words = ["yes" if self.reviewed else "--auto-approve"]
        words += [f"--allow {name}" for name in sorted(self.allow)]
        words += [f"--allow-deletes {self.allow_deletes}"] * (self.allow_deletes is not None)
        return f"({' '.join(words)})"


@dataclass
class Truth:
    """What is known of the account from outside mbflow."""

    owner: dict = field(default_factory=dict)
    """Id to the side that made or adopted it, or `hand`."""
    kept: dict = field(default_factory=dict)
    """Id to body, of flows made by hand: nobody may change them."""
    written: dict = field(default_factory=dict)
    """Id to body, as the last apply left it."""
    copies: set = field(default_factory=set)
    """Ids of copies made in the dashboard: they carry the markers of the flow they are of."""
    handmade: set = field(default_factory=set)
    """Ids of all flows made in the dashboard, whoever adopted them since."""
    moved: dict = field(default_factory=dict)
    """Number to the flow that somebody led it to by hand last."""
    meant: dict = field(default_factory=dict)
    """Number to the ids of all flows that an apply was to lead it to."""


class Story:
    def __init__(self, folder, *, quirks=(), seed=0):
        self.lines = [f"quirks: {', '.join(sorted(quirks)) or 'none'}; seed {seed}"]
        self.quirks = frozenset(quirks)
        self.failed = False
        self._draws = seed
        service = folder / "service"
        service.mkdir(parents=True)
        self.world = World(service, quirks=quirks, seed=seed)
        self.links = Links(self.world)
        environments = deepcopy({**PRODUCTION, **STAGING})
        main = Repo(self.world, folder / "main", environments=environments)
        self.main = Side("main", main, "production")
        self.staging = Side("staging", main, "staging")
        other = Repo(
            self.world, folder / "other", project="other", environments=deepcopy(PRODUCTION)
        )
        self.other = Side("other", other, "production")
        self.sides = (self.main, self.staging, self.other)
        self.truth = Truth()
        self.said = []
        """Everything that mbflow said."""
        self.excuses = set()
        self.history = History(self)
        self.people = People(self)

    def close(self):
        self.world.close()

    @property
    def is_markerless(self):
        return Quirk.STEP_IDS_REPLACED in self.quirks

    @property
    def is_blind(self):
        """Neither lock nor markers tell whose a flow is: such a service needs the lock."""
        return self.is_markerless and LOCK in self.excuses

    @property
    def has_strays(self):
        """Flows that neither lock nor markers tie to anybody: a POST was committed twice."""
        return self.is_markerless and TWICE in self.excuses

    def digits(self, side):
        """The numbers that its table may have, and no other's."""
        return [f"3120555{self.sides.index(side)}00{place}" for place in range(4)]

    def tell(self, line):
        self.lines.append(line)

    def fail(self, text):
        self.failed = True
        raise Violation("\n".join([text, "The story:", *(f"  {line}" for line in self.lines)]))

    @contextmanager
    def told(self):
        """Whatever goes wrong, the story is told."""
        try:
            yield
        except Violation:
            raise
        except Exception as error:
            details = getattr(error, "details", ())
            self.fail(f"{type(error).__name__}: {error} {' '.join(details)}")

    def check(self, truth, text):
        if not truth:
            self.fail(text)

    @contextmanager
    def ids(self):
        self._draws += 1
        with seeded_ids(self._draws):
            yield

    def look(self, side, faults=()):
        """`mbflow plan`: it sends only GET and leaves the checkout as it is."""
        counts["plans"] += 1
        before, writes = tree(side.repo.folder), len(self.world.writes())
        plan = None
        with self._trouble(faults):
            try:
                plan = side.repo.plan(side.environment).plan
                self.said += plan.notes
            except Error as error:
                self._hear(error)
        self.tell(f"{side.name}: plan{_in_words(faults)} -> {_changes(plan)}")
        self.check(len(self.world.writes()) == writes, "a plan wrote to the service")
        self.check(tree(side.repo.folder) == before, "a plan wrote to the checkout")
        return plan

    def save_plan(self, side):
        plan = self.look(side)
        if plan is not None and not any(p.severity.value == "error" for p in plan.problems):
            side.plan = read_plan(plan_json(plan))

    def apply_saved(self, side, *, faults=(), crash=None):
        if side.plan is not None:
            self.apply(side, Consent(), faults=faults, crash=crash, saved=side.plan)

    def apply(self, side, consent, *, faults=(), crash=None, saved=None, deed=None, targets=()):
        """One apply under faults, perhaps killed, perhaps with somebody else at work.

        `crash` is a label and the how manieth time; `deed` a function and the same number.
        Returns what was done, the error that stopped it, or None where it was killed.
        """
        counts["applies"] += 1
        judge = Judge(self, side, consent, saved)
        meanwhile = Meanwhile(self, judge, deed)
        self.links.take()
        side.repo.last = applied = stopped = None
        with self._trouble(faults):
            try:
                applied = side.repo.apply(
                    side.environment,
                    saved=saved,
                    reviewed=consent.reviewed,
                    allow=consent.allow,
                    allow_deletes=consent.allow_deletes,
                    targets=targets,
                    checkpoint=_both(meanwhile, killed_at(*crash) if crash else no_checkpoint),
                    between=lambda: meanwhile("approved"),
                )
                self.said += [str(outcome.reason) for outcome in applied.outcomes]
                self._count_numbers(applied, faults)
                ended = ", ".join(f"{k} {s}" for k, s in applied.statuses.items()) or "nothing"
            except Killed as place:
                counts["crashes"] += 1
                places[str(place)] += 1
                ended = f"killed at {place}"
            except Error as error:
                counts["refusals"] += isinstance(error, RefusedError)
                self._hear(error)
                ended = " ".join(
                    [f"{type(error).__name__}: {error.summary}", *map(str, error.details)]
                )
                stopped = error
        of = " a saved plan" if saved else "".join(f" --target {name}" for name in targets)
        self.tell(f"{side.name}: apply{of} {consent}{_in_words(faults)} -> {ended}")
        if side.repo.last and not saved:
            self.said += side.repo.last.planned.plan.notes
        judge.judge(meanwhile.span)
        self.history.commit(side)
        if applied is not None and not (faults or saved or deed or targets):
            self._check_clean(side, applied)
        return stopped or applied

    def _check_clean(self, side, applied):
        """Apply then plan is empty, once nothing went wrong."""
        if any(status != "done" for status in applied.statuses.values()):
            return
        self.world.clock.sleep(1)
        plan = self.planned(side)
        self.check(
            plan is None or not plan.everything,
            f"{side.name}: apply was done, and the plan is {_changes(plan)}",
        )
        journal = side.repo.journal(side.environment)
        self.check(not journal.exists(), f"{side.name}: the journal stays after a clean end")

    def planned(self, side):
        """A plan that must succeed; None where the lists of the service do not hold still."""
        try:
            plan = side.repo.plan(side.environment).plan
        except Error as error:
            self._hear(error)
            if "could not be read completely" not in error.summary:
                self.fail(f"{side.name}: no plan after a clean apply: {error} {error.details}")
            return None
        self.said += plan.notes
        return plan

    def _count_numbers(self, applied, faults):
        acting = [quirk for quirk in self.quirks if quirk in AT_NUMBERS]
        for outcome in applied.outcomes:
            if isinstance(outcome, NumberResult):
                count_number(outcome, (*acting, *map(str, faults)))

    def entries(self, side):
        try:
            return side.repo.lock(side.environment)
        except Error:
            return {}

    def locked_numbers(self, side):
        """Number to the ids of the flows that it was led to last."""
        try:
            return read_lock(side.repo.lock_path).numbers_of(side.environment)
        except Error:
            return {}

    def is_readable(self, side):
        return bool(self.entries(side))

    def _hear(self, error):
        self.said += [error.summary, *map(str, error.details)]

    @contextmanager
    def _trouble(self, faults):
        self._draws += 1
        self.world.faults(*faults, seed=self._draws)
        if any(" twice" in fault for fault in faults):
            self.excuses.add(TWICE)
        try:
            with self.ids():
                yield
        finally:
            self.world.faults()


def _both(one, two):
    def checkpoint(label):
        one(label)
        two(label)

    return checkpoint


def _in_words(faults):
    return f" under {', '.join(faults)}" if faults else ""


def _changes(plan):
    if plan is None:
        return "no plan"
    numbers = [f"lead {c.number} to {c.to.label}" for c in plan.numbers]
    changes = [f"{c.action.value} {c.name} {c.id}" for c in plan.changes]
    return ", ".join([*changes, *numbers]) or "no changes"
