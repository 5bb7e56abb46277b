"""Whether the calls that are kept in git go through what a plan changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from mbflow.plan.model import BranchCoverage, Change, ChangeKind, Plan
from mbflow.project.discover import find_call_files
from mbflow.project.load import Checkout

if TYPE_CHECKING:
    from mbflow.simulator.transcript import Transcript

MOST_CHANGES = 100
"""Of a plan that are looked at: beyond, nobody reads what of each is tested."""
MOST_MISSED = 20
"""Branches that are named of one change."""
_KINDS = (ChangeKind.CREATE, ChangeKind.UPDATE)


def with_coverage(plan: Plan, checkout: Checkout, environ: Mapping[str, str] = os.environ) -> Plan:
    """The plan whose creates and updates say which of their branches calls go through.

    The calls are those of the call file beside the flow. Nothing of files that cannot be run.
    """
    chosen = (one for one in plan.changes if one.action in _KINDS and one.name in checkout.flows)
    names = [one.name for one in islice(chosen, MOST_CHANGES)]
    if not names:
        return plan
    every = find_call_files(checkout.root, checkout.project.flows)
    files = [where for where in every if where.name in names]
    calls: Mapping[str, Iterable[Transcript]] = {}
    if files:
        from mbflow.testing.runner import calls_of  # it loads the simulator

        calls = calls_of(checkout, files, environ)
    known = {where.name: where.file for where in files}
    changes = [
        replace(one, coverage=_coverage(one, known.get(one.name, ""), calls.get(one.name, ())))
        if one.name in names
        else one
        for one in plan.changes
    ]
    return replace(plan, changes=tuple(changes))


def _coverage(change: Change, file: str, calls: Iterable[Transcript]) -> BranchCoverage:
    """All branches of a new flow are new: they are not counted where there is no call file."""
    if not file and change.action is ChangeKind.CREATE:
        return BranchCoverage("", 0, 0, ())
    from mbflow.plan.graph_diff import graph_diff, missed_branches  # it loads the simulator

    branches, missed = missed_branches(graph_diff(change), calls)
    return BranchCoverage(file, branches, len(missed), missed[:MOST_MISSED])
