"""The goals, and how each figure comes from what was measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.speed.measure import Results
from benchmarks.speed.peers import works as peers
from benchmarks.speed.workloads import LATENCY, LONG, SIZES, WORKERS, WRITES

PASS = "python -c pass"
HELP = "--help"
ONE = "1"
BASE = 1_000
"""The size that the slope compares with."""
LARGEST = 100_000
REQUESTS = {"create": 2, "update": 3, "delete": 3}
"""Of one write: a flow is read before (but for a new one) and after."""

Figure = Callable[["Run", str], "float | None"]


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

    def wall(self, work: str, size: int | str, who: str) -> float | None:
        return self.results.wall(work, str(size), who)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be at most, or at least, some limit."""

    what: str
    limit: float
    figure: Figure
    at_least: bool = False
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        # What is shown decides, not what is rounded away.
        figure = round(figure, 2)
        return figure >= self.limit if self.at_least else figure <= self.limit


def goals(run: Run) -> list[Goal]:
    """In the order of the table."""
    at = f"{run.compared:,}"
    changed = "plan, 1 % changed"
    return [
        Goal("--help ÷ python -c pass", 4.0, _over(HELP, ONE, PASS, ONE, "floor")),
        Goal(
            "validate of one file ÷ python -c pass", 9.0, _over("validate", ONE, PASS, ONE, "floor")
        ),
        Goal(
            f"validate of {at} ÷ composer, one core",
            1.2,
            _over_peer("validate, one core", peers.COMPOSER),
        ),
        Goal(
            f"check-jsonschema ÷ validate of {at}",
            25,
            _under_peer("validate", peers.CHECK),
            at_least=True,
        ),
        Goal(f"plan of {at}, 1 % changed ÷ deck", 1.0, _over_peer(changed, peers.DECK)),
        Goal(f"plan of {at}, 1 % changed ÷ octoDNS", 0.33, _over_peer(changed, peers.OCTODNS)),
        Goal(f"plan of {at}, 1 % changed ÷ plain script", 1.0, _over_peer(changed, peers.SCRIPT)),
        Goal(f"second plan of {at} ÷ first", 0.5, _again("plan")),
        Goal(f"second validate of {at} ÷ first", 0.2, _again("validate")),
        *(
            Goal(f"{verb} {WRITES}, 20 ms ÷ latency × requests ÷ workers", 1.15, _writes(verb))
            for verb in REQUESTS
        ),
        *(
            Goal(f"{work.name}: slope {BASE:,} to {run.largest:,}", 1.05, _slope(work.name))
            for work in SIZES
            if not work.watch
        ),
        Goal(
            f"plan of {LARGEST:,}, 1 % changed",
            12.0,
            lambda r, who: r.wall(changed, LARGEST, who),
            unit=" s",
        ),
        Goal(f"plan of {LARGEST:,}, 1 % changed, memory", 1000.0, _memory, unit=" MB"),
        *(
            Goal(f"{work.name}: 2,000 steps ÷ 250 flows of 8", 1.0, _long(work.name))
            for work in LONG
        ),
    ]


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _over(work: str, size: str, other: str, other_size: str, whose: str) -> Figure:
    return lambda run, who: _ratio(run.wall(work, size, who), run.wall(other, other_size, whose))


def _over_peer(work: str, peer: str) -> Figure:
    return lambda run, who: _ratio(
        run.wall(work, run.compared, who), run.wall(peer, run.compared, peers.WHO)
    )


def _under_peer(work: str, peer: str) -> Figure:
    return lambda run, who: _ratio(
        run.wall(peer, run.compared, peers.WHO), run.wall(work, run.compared, who)
    )


def _again(work: str) -> Figure:
    return lambda run, who: _ratio(
        run.wall(f"{work}, second run", run.compared, who), run.wall(work, run.compared, who)
    )


def _writes(verb: str) -> Figure:
    """What apply takes beyond the plan of the same changes, over the least that it can wait."""
    count = WRITES - 1 if verb == "delete" else WRITES
    least = LATENCY * count * REQUESTS[verb] / WORKERS

    def figure(run: Run, who: str) -> float | None:
        plan, apply = run.wall(f"plan to {verb}", WRITES, who), run.wall(verb, WRITES, who)
        return None if plan is None or apply is None else (apply - plan) / least

    return figure


def _slope(work: str) -> Figure:
    """Seconds a flow at the largest size over those at `BASE`; with one flow it is start-up."""

    def figure(run: Run, who: str) -> float | None:
        one, base, most = (run.wall(work, size, who) for size in (1, BASE, run.largest))
        if one is None or base is None or most is None or run.largest <= BASE:
            return None
        return ((most - one) / (run.largest - 1)) / ((base - one) / (BASE - 1))

    return figure


def _memory(run: Run, who: str) -> float | None:
    median = run.results.median("plan, 1 % changed, all processes", str(LARGEST), who)
    return median and median.peak


def _long(work: str) -> Figure:
    return lambda run, who: _ratio(
        run.wall(work, "2,000 steps", who), run.wall(work, "250 flows", who)
    )
