"""The benchmark of speed: what it makes, what it reckons, and that it runs. Nothing timed."""

import json
from functools import partial

import pytest
from cli.conftest import run_here

from benchmarks.speed.__main__ import main
from benchmarks.speed.flows import (
    STEPS,
    extensions_text,
    flow_text,
    long_text,
    write_calls,
    write_project,
)
from benchmarks.speed.goals import Run, goals
from benchmarks.speed.measure import Results, Sample
from benchmarks.speed.table import text

ENDPOINT = "http://127.0.0.1:9"


def figure_of(what, samples, sizes=(1, 1_000, 10_000)):
    """The figure of one goal where works took so many seconds."""
    results = Results()
    for key, seconds in samples.items():
        results.add(*key, Sample(seconds, seconds, 50.0))
    run = Run(results, sizes)
    (goal,) = [goal for goal in goals(run) if goal.what.startswith(what)]
    return goal.figure(run, "ours", "wall"), goal, run


@pytest.mark.parametrize(
    "make",
    [
        *(flow_text, partial(flow_text, version=7), long_text, partial(long_text, version=7)),
        partial(extensions_text, version=7, extensions=2),
    ],
    ids=["flow", "changed flow", "short steps", "changed short steps", "extensions"],
)
def test_generated_flows_have_no_problem(tmp_path, make):
    root = tmp_path / "project"
    write_project(root, ENDPOINT, 3, make)
    assert run_here(["validate"], root, {}) == (0, "3 flows checked: no problems.\n", "")


def test_a_long_flow_is_one_that_the_service_takes(tmp_path):
    root = tmp_path / "project"
    write_project(root, ENDPOINT, 1, partial(long_text, steps=62 * STEPS))
    code, out, _ = run_here(["validate"], root, {})
    assert code == 0
    assert out.endswith("1 flow checked: 1 warning.\n")


def test_the_call_of_each_generated_flow_passes(tmp_path):
    root = tmp_path / "project"
    write_project(root, ENDPOINT, 2)
    write_calls(root, 2)
    code, out, _ = run_here(["test"], root, {})
    assert code == 0
    assert out.endswith("2 calls: 2 passed.\n")


def test_a_generated_flow_is_the_same_each_time():
    assert flow_text(4, 2) == flow_text(4, 2) != flow_text(4, 3)
    assert 37 <= len(flow_text(4).splitlines()) <= 40
    assert flow_text(4).count("action: ") == STEPS
    assert long_text(4, steps=80).count("action: ") == 80


@pytest.mark.parametrize(("power", "slope"), [(1, 1.0), (2, 9.99)])
def test_what_grows_with_the_square_has_a_steep_slope(power, slope):
    times = {("plan", str(n), "ours"): 0.3 + ((n - 1) / 1_000) ** power for n in (1, 1_000, 10_000)}
    figure, goal, _ = figure_of("plan: slope", times)
    assert figure == pytest.approx(slope, rel=0.01)
    assert goal.is_met(figure) == (power == 1)


def test_writes_are_compared_with_the_least_they_wait():
    # 500 updates of three requests of 20 ms, eight at a time: 3.75 seconds.
    times = {("plan to update", "500", "ours"): 1.0, ("update", "500", "ours"): 1.0 + 3.75 * 1.2}
    figure, goal, _ = figure_of("update 500", times)
    assert figure == pytest.approx(1.2)
    assert not goal.is_met(figure)


def test_processor_time_stands_beside_the_figure():
    results = Results()
    results.add("--help", "1", "ours", Sample(0.9, 0.04, 50.0))
    results.add("python -c pass", "1", "floor", Sample(0.1, 0.01, 50.0))
    row = next(line for line in text(Run(results, (1,)), ["ours"], {}).splitlines() if "÷" in line)
    assert row.split("≤")[1].split() == ["4", "9.00", "NO", "(4.00)"]


def test_a_goal_without_samples_is_shown_as_not_measured():
    _, goal, run = figure_of("--help", {("--help", "1", "ours"): 0.04})
    assert goal.figure(run, "ours", "wall") is None
    shown = text(run, ["ours"], {"cores": "2"})
    assert "not measured" in shown
    assert "--help  1      ours  1     0.040   0.040  50" in shown


def test_the_cheapest_part_prints_a_row(capsys):
    assert main(["--sizes", "1", "--only", "start", "--rounds", "1", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    goal = printed["goals"][0]
    assert goal["goal"] == "--help ÷ python -c pass"
    assert goal["figures"]["mbflow"] > 0
