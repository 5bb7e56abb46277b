"""How fast calls are simulated, and what the rules cost over flows that are read anyway.

Makes its own input in memory. Run it with

    python benchmarks/calls.py [FLOWS]

Ratios hold from machine to machine; calls a second do not. On a busy machine run it again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from benchmarks.speed.flows import flow_text
from mbflow.flow.steps import parse_program
from mbflow.model.flow import Flow
from mbflow.project.workers import not_collecting
from mbflow.project.yaml.document import read_yaml
from mbflow.rules import RULES
from mbflow.simulator.caller import Press
from mbflow.simulator.simulate import simulate

ROUNDS = 5
CALLS = 2_000
GOALS = {"calls": 5_000, "rules": 1.0}


def main(flows: int) -> int:
    """Measure, print a line each, and give 1 when a goal is missed."""
    sources = [flow_text(number).encode() for number in range(flows)]
    calls = best(lambda: call_often(sources[0]))
    print(f"{'short calls a second':52} {CALLS / calls:8,.0f}   goal {GOALS['calls']:,}")
    reading, bodies = read_all(sources)
    rules = check_all(bodies)
    told = f"goal {GOALS['rules']}   ({rules:.3f} s, {reading:.3f} s)"
    print(
        f"{f'all rules over {flows:,} flows, over reading them':52} {rules / reading:8.2f}   {told}"
    )
    met = CALLS / calls >= GOALS["calls"] and rules <= reading * GOALS["rules"]
    return 0 if met else 1


def best(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def call_often(source: bytes) -> None:
    """Both ways through the menu, in turn."""
    program = parse_program("shop", body_of(source))
    for _ in range(CALLS // 2):
        simulate(program, (Press("1"),))
        simulate(program)


def body_of(source: bytes) -> dict:
    body = read_yaml(source).data
    assert isinstance(body, dict)
    return body


def read_all(sources: list[bytes]) -> tuple[float, list[dict]]:
    bodies: list[dict] = []

    def work() -> None:
        bodies[:] = [body_of(source) for source in sources]

    with not_collecting():
        return best(work), bodies


def check_all(bodies: list[dict]) -> float:
    """Every rule that looks at one flow, over flows in which they find nothing."""
    checks = [rule.check for rule in RULES.values() if rule.check is not None]

    def work() -> None:
        for body in bodies:
            flow = Flow("shop", "flows/shop.yaml", body, body)
            for check in checks:
                for problem in check(flow):
                    raise AssertionError(problem)

    with not_collecting():
        return best(work)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
