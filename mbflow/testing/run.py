"""What came of a run of simulated calls. Values only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mbflow.model.problem import Problem, Severity
from mbflow.model.text import broken_flow_message
from mbflow.testing.coverage import Coverage, FlowCoverage
from mbflow.testing.expectations import Result
from mbflow.testing.number_coverage import NumberCoverage

if TYPE_CHECKING:
    from mbflow.testing.promises import PromiseResult


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: tuple[FlowCoverage, ...] = ()
    """Of the flows that were selected; of all flows where nothing was."""
    numbers: tuple[NumberCoverage, ...] = ()
    """Of those that calendars lead; where files are selected, of those that their calls dial."""
    uncallable: tuple[str, ...] = ()
    """Names of flows that coverage would be of, had they no errors."""
    written: tuple[str, ...] = ()
    """Snapshots that were written."""
    environments: tuple[str, ...] = ()
    """Where calls were made that name none: in the first that has the flow."""
    promises: tuple[PromiseResult, ...] = ()
    """What was found of the promises that are selected, by flow."""

    @property
    def by_flow(self) -> Mapping[str, Sequence[Result]]:
        """The results by the flow that answered, in the order of the names."""
        found: defaultdict[str, list[Result]] = defaultdict(list)
        for result in self.results:
            found[result.name].append(result)
        return {name: found[name] for name in sorted(found)}

    @property
    def whole(self) -> Sequence[Coverage]:
        """All that coverage is of: flows and numbers."""
        return [*self.coverage, *self.numbers]

    @property
    def failed(self) -> int:
        return sum(bool(result.failures) for result in self.results)

    @property
    def has_failed(self) -> bool:
        """Whether anything is not as it is to be."""
        return bool(self.failed or self.errors) or any(one.has_failed for one in self.promises)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Why calls could not be run."""
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)

    @property
    def broken_files(self) -> set[str]:
        """Files with errors of their own, so not those that only call a flow with errors."""
        only_call = {broken_flow_message(name) for name in self.uncallable}
        return {one.file for one in self.errors if one.message not in only_call}
