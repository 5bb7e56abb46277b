"""What is measured: the works, in the order in which one leads to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.speed import flows
from benchmarks.speed.checkout import Checkout, Subject
from benchmarks.speed.measure import CommandFailure, Results, run
from benchmarks.speed.service import Service

LATENCY = 0.020
WORKERS = 8
WRITES = 500
"""Flows created and updated at that latency; deleted but for one, since all is refused."""
LONG_FLOWS: Mapping[str, tuple[int, flows.Text]] = {
    "500 steps": (1, partial(flows.long_text, steps=496)),
    "62 flows": (62, partial(flows.long_text, steps=flows.STEPS)),
    "200 keys": (1, flows.extensions_text),
    "2,000 steps": (1, partial(flows.long_text, steps=2_000)),
    "250 flows": (250, partial(flows.long_text, steps=flows.STEPS)),
}
"""Number of flows, and what each is: menus of eight steps, or one menu of many keys."""
PLANNED = ("500 steps", "62 flows", "200 keys")
"""Those that the service takes."""

CHANGED = "plan, 1 % changed"
ALL_PROCESSES = f"{CHANGED}, all processes"
_PLAN = ("plan", "-e", "api")
_APPLY = ("apply", "-e", "api", "--auto-approve", "--parallelism", str(WORKERS))


@dataclass(frozen=True, slots=True)
class Work:
    """One command of mbflow, and what is done right before it."""

    name: str
    words: Sequence[str]
    prepare: Callable[[Checkout], None] = Checkout.forget
    project: str = "flows"
    """Which of the checkouts: flows alone, with calls, or one to import into."""
    latency: float = 0.0
    exits: Collection[int] = (0,)
    one_core: bool = False
    watch: bool = False
    """Measured once, for the memory of all processes together."""


SIZES = (
    Work("validate", ["validate"]),
    Work("validate, second run", ["validate"], Checkout.keep),
    Work("validate, one core", ["validate"], one_core=True),
    Work("graph", ["graph"]),
    Work("test", ["test"], project="calls"),
    Work("first apply", _APPLY, Checkout.take_account),
    Work("plan", _PLAN, Checkout.restore),
    Work("plan, second run", _PLAN, Checkout.keep),
    Work("plan, 20 ms away", _PLAN, latency=LATENCY),
    Work(CHANGED, _PLAN, Checkout.edit),
    Work(ALL_PROCESSES, _PLAN, watch=True),
    Work("apply of 1 %", _APPLY, Checkout.accept),
    Work("import --all", ["import", "--all", "-e", "api"], Checkout.empty, project="import"),
)
FAR = (
    Work("plan to create", _PLAN, Checkout.bring_back, latency=LATENCY),
    Work("create", _APPLY, latency=LATENCY),
    Work("plan to update", _PLAN, Checkout.edit, latency=LATENCY),
    Work("update", _APPLY, latency=LATENCY),
    Work("plan to delete", _PLAN, Checkout.remove, latency=LATENCY),
    Work("delete", _APPLY, latency=LATENCY),
)
LONG_READ = (
    # The service takes 64 KB, so that 2,000 steps are an error, found when all else was looked at.
    Work("validate", ["validate"], exits=(0, 1)),
    Work("graph", ["graph"], exits=(0, 1)),
)
LONG_PLAN = (
    Work("plan to create", _PLAN),
    Work("plan of a change", (*_PLAN, "--match-title"), project="changed"),
)


class Runner:
    """Measures works for every subject in turn, so that a busy minute hits all alike."""

    def __init__(
        self, folder: Path, service: Service, subjects: Sequence[Subject], rounds: int
    ) -> None:
        self.folder, self.service = folder, service
        self.subjects, self.rounds = subjects, rounds
        self.results = Results()

    def measure(self, work: Work, size: str, checkouts: Mapping[tuple[str, str], Checkout]) -> None:
        """One sample for every subject, but for those that take too long to be measured again."""
        self.service.set_latency(work.latency)
        for subject in self.subjects:
            key = (work.name, size, subject.name)
            if self.results.is_done(*key) or (work.watch and key in self.results.samples):
                continue
            checkout = checkouts[subject.name, work.project]
            work.prepare(checkout)
            try:
                sample = run(
                    [*subject.command, *work.words],
                    folder=checkout.root,
                    environ=checkout.environ(),
                    exits=work.exits,
                    one_core=work.one_core,
                    watch=work.watch,
                )
            except CommandFailure as failure:
                self.results.failures[key] = str(failure)
            else:
                self.results.add(*key, sample)
        self.service.set_latency(0)

    def checkout(
        self, name: str, count: int, *, text: flows.Text = flows.flow_text, every: int = 100
    ) -> Checkout:
        """A project below the benchmark's own folder."""
        return Checkout(self.folder / name, self.service, count, text=text, every=every)


def size_checkouts(runner: Runner, count: int) -> dict[tuple[str, str], Checkout]:
    """For every subject the projects of `SIZES`, each with its own account."""
    found = {}
    for subject in runner.subjects:
        where = f"{subject.folder}/{count}"
        plain = runner.checkout(f"{where}/flows", count)
        calls = runner.checkout(f"{where}/calls", count)
        flows.write_calls(calls.root, count)
        bare = runner.checkout(f"{where}/import", 0)
        runner.service.fill(bare.key, plain.root / "flows")
        for project, checkout in (("flows", plain), ("calls", calls), ("import", bare)):
            found[subject.name, project] = checkout
    return found


def far_checkouts(runner: Runner) -> dict[tuple[str, str], Checkout]:
    return {
        (subject.name, "flows"): runner.checkout(f"{subject.folder}/far", WRITES, every=1)
        for subject in runner.subjects
    }


def long_checkouts(runner: Runner, name: str) -> dict[tuple[str, str], Checkout]:
    """Long flows that are no project's yet, and the same, of which the live one differs."""
    count, text = LONG_FLOWS[name]
    found = {}
    for subject in runner.subjects:
        where = f"{subject.folder}/{name}"
        for project in ("flows", "changed"):
            found[subject.name, project] = runner.checkout(
                f"{where}/{project}", count, text=text, every=1
            )
        changed = found[subject.name, "changed"]
        runner.service.fill(changed.key, changed.root / "flows")
        changed.edit()
    return found
