"""The command line of the benchmark: which mbflow, which sizes, which parts; prints one table."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.speed import machine, table
from benchmarks.speed.checkout import Checkout, Subject
from benchmarks.speed.goals import HELP, PASS, Run
from benchmarks.speed.measure import run as run_once
from benchmarks.speed.peers.works import Peers, open_peers
from benchmarks.speed.service import open_service
from benchmarks.speed.workloads import (
    FAR,
    LONG_FLOWS,
    LONG_PLAN,
    LONG_READ,
    PLANNED,
    SIZES,
    WRITES,
    Runner,
    far_checkouts,
    long_checkouts,
    size_checkouts,
)

PARTS = ("start", "writes", "steps", "sizes", "peers")
_STARTS = 3
"""What takes a tenth of a second is measured so many times more often."""


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    subjects = options.mbflow or [
        Subject("mbflow", [str(Path(sys.executable).with_name("mbflow"))])
    ]
    facts = machine.facts(subjects)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mbflow-speed-")))
        service = stack.enter_context(open_service(folder))
        runner = Runner(folder, service, subjects, options.rounds)
        run = Run(runner.results, options.sizes)
        try:
            _measure(runner, run, stack, options.only, facts)
        except KeyboardInterrupt:
            facts["interrupted"] = "what was measured until then"
    for (work, size, who), why in runner.results.failures.items():
        facts[f"FAILED {work}, {size}, {who}"] = why
    facts["load after"] = machine.load()
    show = table.as_json if options.format == "json" else table.text
    print(show(run, [subject.name for subject in subjects], facts))
    return 1 if runner.results.failures else 0


def _measure(
    runner: Runner, run: Run, stack: ExitStack, only: Sequence[str], facts: dict[str, str]
) -> None:
    """The parts that are wanted; what is learnt about the peers is added to the facts."""
    if "start" in only:
        _measure_start(runner)
    if "writes" in only:
        _measure_writes(runner)
    if "steps" in only:
        _measure_steps(runner)
    if "sizes" in only or "peers" in only:
        _measure_sizes(runner, run, stack if "peers" in only else None, facts)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=_sizes, default=_sizes("1,100,1000,10000"), metavar="N,N,…")
    add("--rounds", type=int, default=5, metavar="N", help="samples of each work (5)")
    add("--only", action="append", choices=PARTS, help="measure this part; may be repeated")
    add(
        "--mbflow",
        action="append",
        type=_subject,
        metavar="[NAME=]COMMAND",
        help="the mbflow to measure, a column each: /path/bin/mbflow, before=/path/bin/mbflow",
    )
    add("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    options.only = options.only or PARTS
    return options


def _sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.replace("_", "").split(","))


def _subject(text: str) -> Subject:
    name, _, command = text.rpartition("=")
    return Subject(name or command, command.split())


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def _measure_start(runner: Runner) -> None:
    """Processes that have nearly nothing to do, beside one that has nothing to do."""
    _say("start")
    checkouts = {
        subject.name: runner.checkout(f"{subject.folder}/start", 1) for subject in runner.subjects
    }
    works = ((HELP, ["--help"]), ("validate", ["validate"]))
    for number in range(runner.rounds * _STARTS + 1):
        runner.results.add(PASS, "1", "floor", run_once([sys.executable, "-c", "pass"]))
        for subject in runner.subjects:
            checkout = checkouts[subject.name]
            for name, words in works:
                checkout.forget()
                command = [*subject.command, *words]
                sample = run_once(command, folder=checkout.root, environ=checkout.environ())
                if number:  # the first one writes the byte code
                    runner.results.add(name, "1", subject.name, sample)


def _measure_sizes(
    runner: Runner, run: Run, peers_stack: ExitStack | None, facts: dict[str, str]
) -> None:
    """Every verb at every size; at one of them the peers too."""
    for size in run.sizes:
        checkouts = size_checkouts(runner, size)
        peers = Peers()
        if peers_stack is not None and size == run.compared:
            _say("peers are made ready")
            first = runner.subjects[0].name
            plain, live = checkouts[first, "flows"], checkouts[first, "import"]
            peers = open_peers(peers_stack, runner.folder, plain, live)
            facts |= {work.name: work.about for work in peers.works}
            facts |= {name: f"cannot be had here: {why}" for name, why in peers.missing.items()}
        for number in range(runner.rounds):
            _say(f"{size:,} flows, round {number + 1} of {runner.rounds}")
            for work in SIZES:
                runner.measure(work, str(size), checkouts)
            peers.measure(runner.results, str(size))


def _measure_writes(runner: Runner) -> None:
    checkouts = far_checkouts(runner)
    for number in range(runner.rounds):
        _say(f"writes of {WRITES} flows, round {number + 1} of {runner.rounds}")
        for work in FAR:
            runner.measure(work, str(WRITES), checkouts)


def _measure_steps(runner: Runner) -> None:
    every: dict[str, dict[tuple[str, str], Checkout]] = {
        name: long_checkouts(runner, name) for name in LONG_FLOWS
    }
    for number in range(runner.rounds):
        _say(f"long flows, round {number + 1} of {runner.rounds}")
        for name, checkouts in every.items():
            for work in (*LONG_READ, *(LONG_PLAN if name in PLANNED else ())):
                runner.measure(work, name, checkouts)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
