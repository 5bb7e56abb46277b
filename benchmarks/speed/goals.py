"""The goals, and how each figure comes from what was measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.speed.measure import Results
from benchmarks.speed.peers import works as peers
from benchmarks.speed.workloads import (
    ALL_PROCESSES,
    CHANGED,
    LATENCY,
    LONG_PLAN,
    LONG_READ,
    SIZES,
    WORKERS,
    WRITES,
)

PASS = "python -c pass"
HELP = "--help"
BASE = 1_000
"""The size that the slope compares with."""
LARGEST = 100_000
REQUESTS = {"create": 2, "update": 3, "delete": 3}
"""Of one write: a flow is read before (but for a new one) and after."""

Key = tuple[str, "int | str", "str | None"]
"""What was done, on which input, by whom: None is the mbflow of the column."""
Figure = Callable[["Run", str, str], "float | None"]
"""Gives a figure of one mbflow by "wall" or "cpu" time, or None where something is missing."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured, and at which sizes."""

    results: Results
    sizes: Sequence[int]

    @property
    def compared(self) -> int:
        """The size at which peers are asked too."""
        return max((size for size in self.sizes if size <= 10_000), default=min(self.sizes))

    @property
    def largest(self) -> int:
        return max(self.sizes)

    def median(self, key: Key, what: str = "wall") -> float | None:
        """Of the wall time, the processor time or the memory; None where nothing was measured."""
        work, size, who = key
        median = self.results.median(work, str(size), str(who))
        return median and float(getattr(median, what))


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be at most, or at least, some limit."""

    what: str
    limit: float
    figure: Figure
    at_least: bool = False
    unit: str = ""

    has_cpu: bool = True
    """Processor time says the same on an idle machine, and more on a busy one."""

    def is_met(self, figure: float) -> bool:
        # What is shown decides, not what is rounded away.
        figure = round(figure, 2)
        return figure >= self.limit if self.at_least else figure <= self.limit


def goals(run: Run) -> list[Goal]:
    """In the order of the table."""
    return [
        *_small_goals(),
        *_goals_at(run.compared),
        *(_write_goal(verb) for verb in REQUESTS),
        *(_slope_goal(work.name, run.largest) for work in SIZES if not work.watch),
        *_largest_goals(),
        *(_long_goal(work.name, "2,000 steps", "250 flows") for work in LONG_READ),
        *(_long_goal(work.name, "500 steps", "62 flows") for work in LONG_PLAN),
        *(_seconds_goal(LONG_PLAN[-1].name, name) for name in ("500 steps", "200 keys")),
    ]


def _small_goals() -> Iterator[Goal]:
    floor = (PASS, 1, "floor")
    yield Goal("--help ÷ python -c pass", 4.0, _ratio((HELP, 1, None), floor))
    yield Goal("validate of one file ÷ python -c pass", 9.0, _ratio(("validate", 1, None), floor))


def _goals_at(size: int) -> Iterator[Goal]:
    """Those that compare with a peer, or a second run with the first."""
    validate, plan = ("validate", size, None), (CHANGED, size, None)
    one_core = _ratio(("validate, one core", size, None), (peers.COMPOSER, size, peers.WHO))
    yield Goal(f"validate of {size:,} ÷ composer, one core", 1.2, one_core)
    slower = _ratio((peers.CHECK, size, peers.WHO), validate)
    yield Goal(f"check-jsonschema ÷ validate of {size:,}", 25, slower, at_least=True)
    for peer, limit in ((peers.DECK, 1.0), (peers.OCTODNS, 0.33), (peers.SCRIPT, 1.0)):
        yield Goal(f"plan of {size:,} ÷ {peer}", limit, _ratio(plan, (peer, size, peers.WHO)))
    for work, limit in (("plan", 0.5), ("validate", 0.2)):
        again = _ratio((f"{work}, second run", size, None), (work, size, None))
        yield Goal(f"second {work} of {size:,} ÷ first", limit, again)


def _write_goal(verb: str) -> Goal:
    """What apply takes beyond the plan of the same changes, over the least that it can wait."""
    count = WRITES - 1 if verb == "delete" else WRITES
    least = LATENCY * count * REQUESTS[verb] / WORKERS

    def figure(run: Run, who: str, _: str) -> float | None:
        plan = run.median((f"plan to {verb}", WRITES, who))
        apply = run.median((verb, WRITES, who))
        return None if plan is None or apply is None else (apply - plan) / least

    return Goal(
        f"{verb} {count}, 20 ms ÷ latency × requests ÷ workers", 1.15, figure, has_cpu=False
    )


def _slope_goal(work: str, largest: int) -> Goal:
    """Seconds a flow at the largest size over those at `BASE`; what one flow takes is start-up."""

    def figure(run: Run, who: str, what: str) -> float | None:
        one, base, most = (run.median((work, size, who), what) for size in (1, BASE, largest))
        if one is None or base is None or most is None or largest <= BASE or base <= one:
            return None
        return ((most - one) / (largest - 1)) / ((base - one) / (BASE - 1))

    return Goal(f"{work}: slope {BASE:,} to {largest:,}", 1.05, figure)


def _largest_goals() -> Iterator[Goal]:
    def seconds(run: Run, who: str, what: str) -> float | None:
        return run.median((CHANGED, LARGEST, who), what)

    def memory(run: Run, who: str, _: str) -> float | None:
        return run.median((ALL_PROCESSES, LARGEST, who), "peak")

    what = f"plan of {LARGEST:,}, 1 % changed"
    yield Goal(what, 12.0, seconds, unit=" s")
    yield Goal(f"{what}, memory", 1000.0, memory, unit=" MB", has_cpu=False)


def _long_goal(work: str, long: str, short: str) -> Goal:
    """The same number of steps, in one flow and in flows of eight."""
    return Goal(
        f"{work}: {long} ÷ {short} of 8", 1.0, _ratio((work, long, None), (work, short, None))
    )


def _seconds_goal(work: str, size: str) -> Goal:
    """All kinds of calls of a flow are looked at."""

    def seconds(run: Run, who: str, what: str) -> float | None:
        return run.median((work, size, who), what)

    return Goal(f"{work}, {size}", 1.0, seconds, unit=" s")


def _ratio(above: Key, below: Key) -> Figure:
    """One median over another."""

    def figure(run: Run, who: str, what: str) -> float | None:
        over, under = (
            run.median((work, size, whose or who), what) for work, size, whose in (above, below)
        )
        return over / under if over is not None and under else None

    return figure
