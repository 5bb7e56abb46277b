"""`mbflow calendar run`: numbers are led at each switch of their calendars, until it is stopped.

Nothing is remembered: each pass reads the files and the account, and leads what does not lead where
it is to lead now. So a restart and an outage are caught up with by the next pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import click

from mbflow.api.errors import ApiError
from mbflow.apply.approve import approve_switches
from mbflow.apply.result import Result, Status, result_json
from mbflow.apply.run import Tools, run
from mbflow.apply.run_lock import own_turn, stopping_on_signals, turn_folder
from mbflow.cli.context import connect
from mbflow.cli.next_command import render
from mbflow.cli.notes import shown_progress
from mbflow.model.errors import Error, ExitCode, ProblemsError, RefusedError, UsageError
from mbflow.model.problem import has_errors
from mbflow.model.text import printable
from mbflow.plan.build import make_plan
from mbflow.plan.model import Plan, refusal_lines
from mbflow.plan.survey import Wishes
from mbflow.project.load import read_checkout
from mbflow.views.calendar import minute_text
from mbflow.views.results import pass_lines
from mbflow.views.text import json_text

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.model.flow import Json

RETRIES = (5, 10, 20, 40, 80, 160, 300)
"""Seconds after each pass in a row that did not come to its end; then always the last."""
LONGEST = 3600
"""Seconds after which a pass is made whatever calendars say: files may have changed meanwhile."""
_SLICE = 30
"""Seconds that are slept at a time: the clock may be set, and a machine may sleep."""


class Pass(NamedTuple):
    """What one pass found and did."""

    plan: Plan
    outcomes: Sequence[Result]
    refused: Sequence[str] = ()
    """Why numbers were left where they lead."""

    @property
    def is_done(self) -> bool:
        return all(outcome.status is Status.DONE for outcome in self.outcomes)

    def next(self) -> float | None:
        """When the first calendar switches, in Unix seconds; None where none does."""
        moments = [one.until for one in self.plan.calendars if one.until]
        return min((datetime.fromisoformat(until).timestamp() for until in moments), default=None)


class Switches:
    """The loop. `clock` gives Unix seconds; `wait` sleeps so long, and tells whether to stop."""

    def __init__(
        self,
        one_pass: Callable[[], Pass],
        *,
        stop: Event,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], bool] | None = None,
        log: Callable[[str], object] = click.echo,
    ) -> None:
        self._pass = one_pass
        self._stop = stop
        self._clock = clock
        self._wait = wait or stop.wait
        self._log = log
        self._failures = 0
        # What has not changed since is not told again.
        self._states: list[tuple[str, str, str]] = []
        self._refused: Sequence[str] = ()

    def run(self) -> None:
        """Until it is stopped. Raises what keeps the first pass from being tried at all."""
        seen = self._clock()
        due = self._first() + self._clock()
        while not self._stop.is_set():
            now = self._clock()
            # By a clock that was set back, the next switch may be long before what was due.
            if seen <= now < due:
                self._wait(min(due - now, _SLICE))
            else:
                due = self._next() + self._clock()
            seen = now

    def _first(self) -> float:
        """A service that cannot be reached may be back soon; a wrong file or option will not."""
        try:
            return self._made(self._pass())
        except (ApiError, RefusedError) as error:
            return self._failed(error)

    def _next(self) -> float:
        try:
            return self._made(self._pass())
        except (Error, OSError) as error:
            return self._failed(error)

    def _made(self, found: Pass) -> float:
        """Seconds until the next pass."""
        states = [(one.name, one.state, one.until) for one in found.plan.calendars]
        if found.outcomes or states != self._states:
            self._tell(pass_lines(found.plan, found.outcomes))
        if found.refused != self._refused:
            self._tell(found.refused)
        self._states, self._refused = states, found.refused
        if not found.is_done:
            return self._again()
        self._failures = 0
        following = found.next()
        left = LONGEST if following is None else following - self._clock()
        return max(0.0, min(left, LONGEST))

    def _failed(self, error: Error | OSError) -> float:
        pause = self._again()
        summary = error.summary if isinstance(error, Error) else str(error)
        if not self._stop.is_set():
            now = minute_text(datetime.fromtimestamp(self._clock(), UTC).astimezone())
            self._tell([f"{now}  failed: {summary} Trying again in {pause} s."])
        self._states = []
        return pause

    def _again(self) -> int:
        self._failures += 1
        return RETRIES[min(self._failures, len(RETRIES)) - 1]

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._log(printable(line))


def run_switches(directory: Path, environment: str | None, output_format: str) -> int:
    """Lead numbers until SIGINT or SIGTERM. Returns the exit code."""
    clients: list[Client] = []
    asked = directory, environment
    led: list[Json] = []
    last: list[Plan] = []

    def interrupt() -> None:
        for client in clients:
            client.interrupt()

    def one_pass() -> Pass:
        found = lead_once(*asked, stop, clients)
        led.extend(map(result_json, found.outcomes))
        last[:] = [found.plan]
        return found

    aside = output_format == "json"
    with stopping_on_signals(interrupt) as stop:
        Switches(one_pass, stop=stop, log=partial(click.echo, err=aside)).run()
    if aside:
        name, endpoint = (last[0].environment, last[0].endpoint) if last else (None, None)
        click.echo(json_text({"environment": name, "endpoint": endpoint, "results": led}))
    return ExitCode.DONE


def lead_once(
    directory: Path,
    environment: str | None,
    stop: Event,
    clients: list[Client],
    clock: Callable[[], float] = time.time,
) -> Pass:
    """One pass: files and account are read, and numbers led. `clients` holds who is to be
    interrupted. Raises Error for all that keeps numbers from being looked at.
    """
    checkout = read_checkout(directory, environment, progress=shown_progress())
    if has_errors(checkout.problems):
        raise ProblemsError(checkout.problems)
    chosen = checkout.environment
    if not chosen.has_calendars:
        raise UsageError(f"No calendar leads a number of {chosen.name}.")
    with (
        own_turn(turn_folder(checkout.root, chosen)),
        connect(checkout.root, chosen, can_write=True) as client,
    ):
        clients[:] = [client]
        wishes = Wishes(switches_only=True)
        planned = make_plan(checkout, client, wishes, clock=clock, sleep=stop.wait)
        approved = approve_switches(planned)
        outcomes: Sequence[Result] = ()
        if approved.numbers:
            tools = Tools(workers=client.workers, stop=stop, sleep=stop.wait)
            outcomes = run(
                planned,
                client,
                todo=(),
                numbers=approved.numbers,
                allowed=(),
                tools=tools,
                remembers=False,
            )
    refused = list(render(refusal_lines(approved.refused)))
    return Pass(planned.plan, outcomes, refused)
