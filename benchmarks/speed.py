"""How fast mbflow starts, validates and plans, as ratios measured in one run, and its memory.

Makes its own input: 10,000 flow files of some 40 lines in a temporary folder. Run it with

    python benchmarks/speed.py [FLOWS]

Ratios hold from machine to machine; seconds do not. On a busy machine run it again.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
GOALS = {"help": 4.5, "validate": 1.5, "plan": 2.2, "memory": 20.0}

FLOW = """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
title: Support line {number}
steps:
  - action: say
    options:
      payload: Shop {number}. Messages are recorded. For sales, press 1. For repairs, press 2.
      language: en-GB
      voice: female
    onKeypressGoto: chosen
    onKeypressVar: choice
  - action: pause
    options:
      length: 5
    onKeypressGoto: chosen
    onKeypressVar: choice
  - action: say
    options: {{payload: "You did not press a key. Goodbye.", language: en-GB, voice: female}}
  - action: hangup
  - id: chosen
    action: say
    options:
      payload: One moment, we connect you with shop {number}.
      language: en-GB
      voice: female
    conditions:
      - variable: choice
        operator: "=="
        value: "1"
  - action: transfer
    options:
      destination: "4420794{number:05}"
      mask: true
  - action: record
    options:
      maxLength: 60
      timeout: 5
      finishOnKey: "#"
      transcribe: true
      transcribeLanguage: en-US
  - action: hangup
"""

COMPOSE = """\
import sys, time
from pathlib import Path
import yaml
sources = [path.read_bytes() for path in Path(sys.argv[1]).rglob("*.yaml")]
start = time.perf_counter()
for source in sources:
    yaml.compose(source, Loader=yaml.CSafeLoader)
print(time.perf_counter() - start)
"""

PEAK = """\
import resource, sys
from resource import RUSAGE_CHILDREN, RUSAGE_SELF
from pathlib import Path
from mbflow.project.load import read_checkout
checkout = read_checkout(Path(sys.argv[1]), None)
peaks = [resource.getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
print(len(checkout.flows), *peaks)
"""


PLAN_PEAK = """\
import resource, sys
from pathlib import Path
from mbflow.api.connect import open_client
from mbflow.project.load import read_checkout
from mbflow.plan.build import make_plan
from mbflow.plan.survey import Wishes
checkout = read_checkout(Path(sys.argv[1]), None)
with open_client(checkout.root, checkout.environment, can_write=False) as client:
    planned = make_plan(checkout, client, Wishes())
peaks = [resource.getrusage(who).ru_maxrss
         for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(planned.plan.summary.unchanged, *peaks)
"""


def main() -> None:
    flows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        full, empty = Path(folder, "full"), Path(folder, "empty")
        write_project(full, flows)
        write_project(empty, 0)
        report("help", "mbflow --help over python -c pass", *start_up())
        report("validate", f"validate of {flows:,} files over composing them", *over_yaml(full))
        command(full, "apply", "--auto-approve")
        command(empty, "apply", "--auto-approve")
        report("plan", f"unchanged plan of {flows:,} over composing them", *over_yaml(full, "plan"))
        memory("a checkout", PEAK, full, empty)
        memory("an unchanged plan", PLAN_PEAK, full, empty)


def write_project(root: Path, flows: int) -> None:
    for number in range(flows):
        path = root / "flows" / f"group{number // 500}" / f"shop{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FLOW.format(number=number))
    root.mkdir(exist_ok=True)
    (root / "mbflow.yaml").write_text("project: speed\n")


def start_up() -> tuple[list[float], list[float]]:
    command = [str(Path(sys.executable).with_name("mbflow")), "--help"]
    timed(command)  # writes the byte code
    ours, base = [], []
    for _ in range(3 * ROUNDS):
        base.append(timed([sys.executable, "-c", "pass"]))
        ours.append(timed(command))
    return ours, base


def over_yaml(root: Path, verb: str = "validate") -> tuple[list[float], list[float]]:
    ours, base = [], []
    for _ in range(ROUNDS):
        base.append(float(output([sys.executable, "-c", COMPOSE, str(root)])))
        ours.append(timed([sys.executable, "-m", "mbflow", "-C", str(root), verb]))
    return ours, base


def command(root: Path, *words: str) -> None:
    output([sys.executable, "-m", "mbflow", "-C", str(root), *words])


def memory(what: str, script: str, full: Path, empty: Path) -> None:
    """Peaks of the process that holds every flow and of the largest worker, above an empty run."""
    flows, peak, worker = map(int, output([sys.executable, "-c", script, str(full)]).split())
    _, floor, _ = map(int, output([sys.executable, "-c", script, str(empty)]).split())
    each = (peak - floor + max(0, worker - floor)) / flows
    print(f"{f'peak memory of {what}, KB a flow':52} {each:6.2f}   goal {GOALS['memory']}")


def report(goal: str, what: str, ours: list[float], base: list[float]) -> None:
    mine, other = statistics.median(ours), statistics.median(base)
    print(f"{what:52} {mine / other:6.2f}   goal {GOALS[goal]}   ({mine:.3f} s, {other:.3f} s)")


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    output(command)
    return time.perf_counter() - start


def output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
