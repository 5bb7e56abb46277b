"""What was found, as plain text for people or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.speed.goals import Goal, Run, goals
from benchmarks.speed.measure import Sample

Facts = Mapping[str, str]
_NONE = "not measured"


def text(run: Run, names: Sequence[str], facts: Facts) -> str:
    """The machine, a goal a line with the figure of every mbflow, and what each work cost."""
    return "\n\n".join(
        (
            _columns([name, fact] for name, fact in facts.items()),
            _columns(
                [
                    ["goal", "limit", *(f"{name} (by processor time)" for name in names)],
                    *_goal_rows(run, names),
                ]
            ),
            _columns([["work", "input", "who", "runs", "wall s", "cpu s", "MB"], *_cost_rows(run)]),
        )
    )


def as_json(run: Run, names: Sequence[str], facts: Facts) -> str:
    """`{"machine": …, "goals": […], "costs": […]}`; a figure that was not measured is null."""
    found = [
        {
            "goal": goal.what,
            "limit": goal.limit,
            "is_least": goal.at_least,
            "figures": {name: goal.figure(run, name, "wall") for name in names},
            "by_cpu": {
                name: goal.figure(run, name, "cpu") if goal.has_cpu else None for name in names
            },
        }
        for goal in goals(run)
    ]
    costs = [
        {"work": work, "input": size, "who": who, "samples": [_numbers(one) for one in samples]}
        for (work, size, who), samples in run.results.samples.items()
    ]
    return json.dumps({"machine": facts, "goals": found, "costs": costs}, indent=1)


def _goal_rows(run: Run, names: Sequence[str]) -> Iterable[list[str]]:
    for goal in goals(run):
        sign = "≥" if goal.at_least else "≤"
        limit = f"{sign} {goal.limit:g}{goal.unit}"
        yield [goal.what, limit, *(_cell(goal, run, name) for name in names)]


def _cell(goal: Goal, run: Run, name: str) -> str:
    """The figure, whether the goal is met, and what processor time alone says."""
    figure = goal.figure(run, name, "wall")
    if figure is None:
        return _NONE
    cell = f"{figure:.2f}{goal.unit} {'yes' if goal.is_met(figure) else 'NO'}"
    by_cpu = goal.figure(run, name, "cpu") if goal.has_cpu else None
    return cell if by_cpu is None else f"{cell:12} ({by_cpu:.2f})"


def _cost_rows(run: Run) -> Iterable[list[str]]:
    for work, size, who in run.results.samples:
        median = run.results.median(work, size, who)
        assert median is not None
        runs = len(run.results.samples[work, size, who])
        shown = size if not size.isdigit() else f"{int(size):,}"
        yield [
            *(work, shown, who, str(runs)),
            *(f"{median.wall:.3f}", f"{median.cpu:.3f}", f"{median.peak:.0f}"),
        ]


def _numbers(sample: Sample) -> dict[str, float]:
    return {"wall": sample.wall, "cpu": sample.cpu, "peak": sample.peak}


def _columns(rows: Iterable[Sequence[str]]) -> str:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
