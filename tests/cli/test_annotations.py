"""`test --format github`: what a reviewer sees beside the lines, the most telling first."""

import re
from urllib.parse import unquote

from .conftest import run_here

FLOW = """\
title: {title}
steps:
  - action: say
    options: {{payload: "Press 1, 50% off: now", language: en-GB, voice: female}}
    onKeypressVar: choice
  - action: hangup
    conditions: [{{variable: choice, operator: "==", value: "1"}}]
  - action: transfer
    options: {{destination: "442079460123"}}
"""
CALL = "  - {{name: '{name}', hears: [{hears}], ends: {{transferred: '442079460123'}}}}\n"
PROMISE = "promises: [{name: all can record, flows: '**', can_reach: {action: record}}]\n"


def write(root, name, text):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def annotations(text):
    """Level, properties and message of each line, as GitHub's runner reads them."""
    found = []
    for line in text.splitlines():
        level, stated, message = re.fullmatch("::([a-z]+) (.*?)::(.*)", line).groups()
        pairs = [pair.partition("=") for pair in stated.split(",")]
        found.append((level, {name: unquote(value) for name, _, value in pairs}, unquote(message)))
    return found


def github(root, *words, code=1):
    done = run_here([*words, "--format", "github"], root, {"PATH": "/usr/bin:/bin"})
    assert done[0] == code and not done[2].removeprefix("Coverage is 55.5 %, below 90 %.\n"), done
    return done[1]


def test_a_failed_call_stands_at_its_line(tmp_path):
    (tmp_path / ".git").mkdir()
    write(tmp_path, "voice/mbflow.yaml", "project: acme\n")
    write(tmp_path, "voice/flows/50%,a:b.yaml", FLOW.format(title="A"))
    calls = CALL.format(name="hello: 10%, yes", hears="Nothing")
    write(tmp_path, "voice/flows/50%,a:b.calls.yaml", f"calls:\n{calls}")
    assert github(tmp_path / "voice", "test") == (
        "::error file=voice/flows/50%25%2Ca%3Ab.calls.yaml,line=2,"
        "title=50%25%2Ca%3Ab%3A hello%3A 10%25%2C yes::"
        'Expected to hear "Nothing", but no step of the flow says that.%0A%0A'
        '>  0:00.0    1  say     "Press 1, 50%25 off: now"%0A'
        "   0:01.4    3  dial    442079460123%0A"
        "   0:02.4    3  callee  442079460123: answered%0A"
        "   1:02.4    3  parted  the called party hangs up%0A"
        "   1:02.4       end     transferred 442079460123\n"
    )


def test_the_most_telling_come_first_and_the_rest_is_counted(tmp_path):
    for name in ("a", "b"):
        write(tmp_path, f"flows/{name}.yaml", FLOW.format(title=name))
        calls = [CALL.format(name=f"{name} {number}", hears="Nothing") for number in range(7)]
        write(tmp_path, f"flows/{name}.calls.yaml", f"calls:\n{''.join(calls)}")
    write(tmp_path, "flows/c.calls.yaml", "calls: [{name: x, hear: y}]\n")
    told = annotations(github(tmp_path, "test", "--fail-under", "90"))
    titles = [properties["title"] for _, properties, _ in told]
    assert titles[0] == "call-file"
    assert titles[1:6] == ["a: a 0", "b: b 0", "coverage", "a: a 1", "b: b 1"]
    coverage = told[3]
    assert coverage[1] == {"title": "coverage"}
    assert coverage[2].startswith("Coverage is ") and "\na: step 2, hangup: runs\n" in coverage[2]
    assert [level for level, _, _ in told] == ["error"] * 16 + ["notice"]
    assert told[-1][2] == "GitHub shows 10 of a kind. In the log of this step: 6 more errors."


def test_a_broken_promise_stands_in_the_file_that_breaks_it(tmp_path):
    write(tmp_path, "mbflow.yaml", f"project: acme\n{PROMISE}")
    write(tmp_path, "flows/a.yaml", FLOW.format(title="A"))
    ((level, properties, message),) = annotations(github(tmp_path, "test"))
    assert (level, properties["file"], properties["line"]) == ("error", "flows/a.yaml", "3")
    assert properties["title"] == "broken-promise"
    assert message.startswith('Promise "all can record" (mbflow.yaml:2) is broken: ')


def test_nothing_is_said_where_nothing_is_wrong(tmp_path):
    write(tmp_path, "flows/a.yaml", FLOW.format(title="A"))
    write(tmp_path, "flows/a.calls.yaml", "calls:\n" + CALL.format(name="x", hears="Press 1"))
    assert github(tmp_path, "test", code=0) == ""


def test_errors_come_before_warnings_and_both_are_counted(tmp_path):
    for number in range(12):
        write(tmp_path, f"flows/a{number:02}.yaml", "title: A\nsteps: [{action: hangup}]\n")
        write(tmp_path, f"flows/b{number:02}.yaml", f"title: B{number}\nsteps: [{{action: x}}]\n")
    told = annotations(github(tmp_path, "validate"))
    levels = [level for level, _, _ in told]
    assert levels == ["error"] * 12 + ["warning"] * levels.count("warning") + ["notice"]
    assert told[-1][2].endswith("2 more errors and 1 more warning.")
