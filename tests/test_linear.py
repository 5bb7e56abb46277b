"""Work grows with the number of flows and of steps, and no faster: no line is run for each pair.

Lines are counted and not seconds, so that a busy machine changes nothing: a verb that has twice as
much to do may run no line more than twice as often. What runs inside a line, in C, is not seen.
"""

import contextlib
import difflib
import io
import sqlite3
import sys
import threading
from collections import Counter
from pathlib import Path

import mbflow
from mbflow.cli.main import exit_code_of
from mbflow.flow import alignment

PACKAGE = str(Path(mbflow.__file__).parent)
CALLS = 'calls:\n  - name: all\n    hears: ["Hello"]\n'
SAY = "  - action: say\n    options: {payload: TEXT, language: en-GB, voice: male}\n"
FLOW = f"title: Flow NAME\nsteps:\n{SAY.replace('TEXT', 'Hello NAME')}  - action: hangup\n"


class Lines:
    """Counts how often each line of mbflow is run, but for the emulator's."""

    def __init__(self):
        self.counts = Counter()

    def __enter__(self):
        self._former = sys.gettrace()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        return self.counts

    def __exit__(self, *error):
        sys.settrace(self._former)
        threading.settrace(self._former)

    def _enter(self, frame, event, argument):
        file = frame.f_code.co_filename
        is_own = file.startswith(PACKAGE) and "emulator" not in file
        return self._line if is_own or file == difflib.__file__ else None

    def _line(self, frame, event, argument):
        if event == "line":
            self.counts[frame.f_code.co_filename, frame.f_lineno] += 1
        return self._line


class Project:
    """Flows in the built-in emulator, and the lines that each verb ran."""

    def __init__(self, root, names):
        self.root, self.names = root, names
        self.lock = root / ".mbflow" / "local" / "mbflow.lock.yaml"
        self.ran = {}
        (root / "flows").mkdir(parents=True)
        (root / "mbflow.yaml").write_text("project: acme\n")

    def write(self, text, suffix=".yaml", *, but=0):
        for name in self.names[but:]:
            (self.root / "flows" / f"{name}{suffix}").write_text(text.replace("NAME", name))

    def remove(self, *, but=0):
        for name in self.names[but:]:
            (self.root / "flows" / f"{name}.yaml").unlink()

    def run(self, what, *arguments):
        output = io.StringIO()
        with (
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
            Lines() as ran,
        ):
            code = exit_code_of(arguments)
        assert code == 0, output.getvalue()
        self.ran[what] = ran

    def lose_markers(self):
        """As if nobody had made the flows with mbflow."""
        self.lock.unlink()
        with contextlib.closing(sqlite3.connect(self.lock.with_name("emulator.sqlite3"))) as base:
            base.execute("UPDATE records SET text = replace(text, '-86bf-', '-46bf-')")
            base.commit()


def many_flows(root, count):
    """What is done with all flows of a project together."""
    project = Project(root, [f"f{number}" for number in range(count)])
    project.write(FLOW)
    project.write(CALLS, ".calls.yaml")
    project.run("validate", "validate")
    project.run("validate FILES", "validate", *(f"flows/{name}.yaml" for name in project.names))
    project.run("create", "apply", "--auto-approve")
    for verb in ("plan", "graph", "test"):
        project.run(verb, verb)
    project.run("test FLOWS", "test", *project.names)
    project.run("flows list", "flows", "list")
    project.write(FLOW.replace("Hello", "Good day"))
    project.run("plan of updates", "plan")
    project.run("update", "apply", "--auto-approve")
    project.run("rollback", "rollback", "--auto-approve")
    project.run("import FLOWS", "import", "--force", *project.names)
    project.remove(but=1)
    project.run("delete", "apply", "--auto-approve", "--allow-deletes", str(count - 1))
    project.write(FLOW, but=1)
    project.run("create again", "apply", "--auto-approve")
    project.run("forget", "forget", *project.names)
    project.remove()
    project.lose_markers()
    project.run("import --all", "import", "--all")
    return project.ran


def one_long_flow(root, count):
    """What is done with a flow of so many steps, most of them like others."""
    project = Project(root, ["long"])
    pause = "  - action: pause\n    options: {length: 5}\n"
    steps = [SAY.replace("TEXT", f"Hello {number}") + pause for number in range(count)]

    def write(*some):
        project.write(f"title: Long\nsteps:\n{''.join(some)}  - action: hangup\n")

    write(*steps)
    project.write(CALLS, ".calls.yaml")
    project.run("create", "apply", "--auto-approve")
    for verb in ("validate", "plan", "graph", "test"):
        project.run(verb, verb)
    half = count // 2
    for what, changed in {
        "one changed": [*steps[:half], steps[half].replace("Hello", "Hi"), *steps[half + 1 :]],
        "one inserted": [*steps[:half], steps[0].replace("Hello", "Hi"), *steps[half:]],
        "moved": [*steps[half:], *steps[:half]],
        "all changed": [step.replace("Hello", "Good day") for step in steps],
    }.items():
        write(*changed)
        project.run(f"plan, {what}", "plan")
    project.run("update", "apply", "--auto-approve")
    project.remove()
    project.lose_markers()
    project.run("import --all", "import", "--all")
    return project.ran


def grown(story, folder, size):
    """`verb: file:line` of each line that is run more than twice as often for twice as much."""
    once, twice = (story(folder / f"of{count}", count) for count in (size, 2 * size))
    found = {}
    for verb, counts in twice.items():
        for (file, line), count in counts.items():
            before = once[verb][file, line]
            if before and count > 2.4 * before + size:  # 2n + 1 flows are more than twice n + 1
                found[f"{verb}: {file}:{line}"] = before, count
    return found


def test_no_line_is_run_for_each_pair_of_flows(tmp_path):
    assert grown(many_flows, tmp_path, 6) == {}


def test_no_line_is_run_for_each_pair_of_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(alignment, "MOST_PAIRS", 100)  # The flows count as long ones.
    assert grown(one_long_flow, tmp_path, 16) == {}
