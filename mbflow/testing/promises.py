"""The promises of a project decided over its flows, each broken one with a call that shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mbflow.flow.steps import Program, parse_program
from mbflow.model.flow import Flow
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import Environment
from mbflow.model.promise import Promise
from mbflow.model.text import Command, shortened
from mbflow.project.discover import PROJECT_FILE
from mbflow.project.load import Checkout, placed
from mbflow.project.promise_document import resolve
from mbflow.simulator.promises import decide, script_of_claim
from mbflow.simulator.search import is_known
from mbflow.simulator.space import Space
from mbflow.simulator.verdict import Broken, Holds, NotDecided, Verdict
from mbflow.testing.flows import CalledFlows
from mbflow.testing.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """What is true of one promise and one flow in an environment."""

    promise: Promise
    flow: Flow
    environment: str
    verdict: Verdict
    call: Suggestion | None = None
    """The shortest call that breaks it, or that comes to what is not known."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What a transcript shows, to how the flow's file words it."""

    @property
    def name(self) -> str:
        """Of the flow."""
        return self.flow.name

    @property
    def is_fine(self) -> bool:
        undecided = isinstance(self.verdict, NotDecided) and self.promise.allow_undecided
        return isinstance(self.verdict, Holds) or undecided

    @property
    def has_failed(self) -> bool:
        return not self.is_fine and self.promise.level is Severity.ERROR

    @property
    def text(self) -> str:
        """What is wrong, in one sentence; empty where it holds."""
        return "" if isinstance(self.verdict, Holds) else self.verdict.text

    def problem(self) -> Problem:
        """A problem of the flow's file, at the step with which the call breaks the promise."""
        is_broken = isinstance(self.verdict, Broken)
        line = f":{self.promise.place[0]}" if self.promise.place[0] else ""
        again = Command("mbflow", "test", "-e", self.environment, self.name)
        return Problem(
            "broken-promise" if is_broken else "undecided-promise",
            self.promise.level,
            f'Promise "{shortened(self.promise.name, 120)}" ({PROJECT_FILE}{line}) is '
            f"{'broken' if is_broken else 'not decided'}: {self.text} "
            f"`{again}` prints the call.",
            self.flow.file,
            path=_place_of(self.verdict),
        )


def _place_of(verdict: Verdict) -> tuple[str | int, ...]:
    """The step where it shows: where the call stands then, or that which it ran last."""
    if isinstance(verdict, Holds) or not verdict.path:
        return ()
    needed = verdict.needed if isinstance(verdict, Broken) else None
    move = verdict.path[-1] if needed is None else verdict.path[min(needed, len(verdict.path) - 1)]
    taken = move.taken[0]
    return ("steps", taken.step) if taken is not None else ()


class Decisions:
    """Decides promises in one environment; the space of a flow is made once."""

    def __init__(self, environment: Environment, promises: Sequence[Promise]) -> None:
        self.problems: dict[Problem, None] = {}
        """What is wrong with variables in promises."""
        self._environment = environment
        self._promises = promises
        self._resolved: dict[str, Promise | None] = {}

    def of_flow(
        self, flow: Flow, wordings: Callable[[str], Mapping[str, str]] = lambda name: {}
    ) -> Iterator[PromiseResult]:
        """What is found of every promise that covers the flow. `wordings` gives those of a name."""
        covering = [one for one in self._promises if one.covers([flow.name])]
        if not covering:
            return
        # Without secret values: they are compared, and shown, as `${name}`.
        space = Space([parse_program(flow.name, flow.body)], is_each_try_alone=True)
        for stated in covering:
            promise = self._resolve(stated)
            if promise is None:
                continue
            verdict = decide(space, promise.claim)
            if isinstance(verdict, Holds):
                yield PromiseResult(promise, flow, self._environment.name, verdict)
            else:
                call = _call(space, promise, verdict) if _can_be_written(verdict) else None
                words = wordings(flow.name)
                yield PromiseResult(promise, flow, self._environment.name, verdict, call, words)

    def _resolve(self, stated: Promise) -> Promise | None:
        if stated.name not in self._resolved:
            promise, problems = resolve(stated, self._environment.variables)
            placed = (problem.at(PROJECT_FILE, *stated.place) for problem in problems)
            self.problems |= dict.fromkeys(placed)
            self._resolved[stated.name] = None if problems else promise
        return self._resolved[stated.name]


def decide_all(
    flows: CalledFlows, promises: Sequence[Promise], names: Collection[str] | None
) -> tuple[tuple[PromiseResult, ...], tuple[Problem, ...]]:
    """The promises decided over the flows of these names, or over all, each where it is at home.

    Beside them what is wrong with variables in the promises.
    """
    known = set(flows.names())
    among = sorted(known if names is None else known.intersection(names))
    found: list[PromiseResult] = []
    decisions: dict[str, Decisions] = {}
    for name in among:
        checkout = flows.checkout(flows.home(name))
        if name in checkout.flows:
            here = checkout.environment
            of_here = decisions.setdefault(here.name, Decisions(here, promises))
            found += of_here.of_flow(checkout.flows[name], flows.wordings)
    problems = [problem for one in decisions.values() for problem in one.problems]
    return tuple(found), tuple(problems)


def problems_of_changes(checkout: Checkout, names: Iterable[str]) -> list[Problem]:
    """What breaks a promise, or is not decided, in these flows as they are to be sent."""
    decisions = Decisions(checkout.environment, checkout.project.promises)
    found = [
        placed(result.problem(), checkout.root)
        for name in names
        if name in checkout.flows
        for result in decisions.of_flow(checkout.flows[name])
        if not result.is_fine
    ]
    return [*found, *decisions.problems]


def _can_be_written(verdict: Broken | NotDecided) -> bool:
    """Whether a call file can state the call: no secret keys, and there is one to show."""
    is_shown = isinstance(verdict, Broken) or bool(verdict.path)
    return is_shown and all(map(is_known, verdict.path))


def _call(space: Space, promise: Promise, verdict: Broken | NotDecided) -> Suggestion:
    program: Program = space.walks[0].program
    script = script_of_claim(space, promise.claim, verdict.path)
    return Suggestion(script, script.call(program))
