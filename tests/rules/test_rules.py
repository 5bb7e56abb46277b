"""The table of rules is complete, and every manual's examples do what the manual says."""

import importlib
import re
import textwrap
from pathlib import Path

import pytest

import mbflow.rules
from mbflow.model.problem import Severity
from mbflow.rules import RULES
from mbflow.rules.manuals import RULES_OF_FILES
from mbflow.testing.validate import check

FOLDER = Path(mbflow.rules.__file__).parent
NOT_RULES = {"__init__", "manuals", "yaml_manuals", "rule", "space"}
CHECKING = [rule for rule in RULES.values() if rule.check or rule.check_all]
HARD_TO_WRITE = {
    "file-unreadable": "needs a broken file system",
    "body-size": "needs 64 KB",
    "no-holidays": "hangs on the year, and on what the package knows by then",
    "large-body": "needs 32 KB",
    "long-text": "needs 900 characters",
    "yaml-encoding": "needs bytes that are not text",
    "broken-promise": "validate does not decide promises",
    "undecided-promise": "validate does not decide promises",
}
"""Rules whose manual shows no failing example; they are tested elsewhere."""


def example(rule, heading):
    """The example under a heading of the manual, as files: name to text."""
    found = re.search(rf"^{heading}:\n\n((?:    .*\n|\n)+)", f"{rule.manual}\n", re.MULTILINE)
    if found is None:
        return None
    files, name = {}, "flows/example.yaml"
    for line in textwrap.dedent(found[1]).splitlines():
        named = re.fullmatch(r"# (\S+\.(?:yaml|yml))", line)
        name = named[1] if named else name
        if not named:
            files[name] = files.get(name, "") + line + "\n"
    return files


def found_in(files, folder):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if "mbflow.yaml" in files:
        (folder / "flows").mkdir(exist_ok=True)
    return check(folder, environ={}).problems


def test_the_table_holds_every_file():
    files = {path.stem for path in FOLDER.glob("*.py")} - NOT_RULES
    assert {rule.id.replace("-", "_") for rule in CHECKING} == files
    assert len(RULES) == len(CHECKING) + len(RULES_OF_FILES)


@pytest.mark.parametrize("rule", CHECKING, ids=lambda rule: rule.id)
def test_a_rule_is_named_by_its_file(rule):
    module = importlib.import_module(f"mbflow.rules.{rule.id.replace('-', '_')}")
    for name in ("check", "fact", "check_all"):
        assert getattr(rule, name) is getattr(module, name, None)
    assert rule.manual == module.MANUAL


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_a_severity_and_a_summary(rule):
    assert rule.severity in Severity
    assert rule.summary.endswith(".")
    assert rule.manual == rule.manual.strip()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_failing_example_fails(rule, tmp_path):
    files = example(rule, "Fails")
    if rule.id in HARD_TO_WRITE:
        assert files is None
        return
    problems = found_in(files, tmp_path)
    assert rule.id in {problem.rule for problem in problems}
    assert all(problem.severity is rule.severity for problem in problems if problem.rule == rule.id)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_passing_example_passes(rule, tmp_path):
    files = example(rule, "Passes")
    if rule.id in HARD_TO_WRITE and files is None:
        return
    assert rule.id not in {problem.rule for problem in found_in(files, tmp_path)}


def flow(title="Menu", **more):
    lines = [f"title: {title}", "steps:", "  - action: hangup"]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in more.items())]) + "\n"


def test_a_body_over_64_kb_is_an_error(tmp_path):
    text = "x" * 66_000
    steps = f"- action: say\n  options: {{payload: {text}, language: en-GB, voice: male}}"
    files = {"flows/long.yaml": f"title: Long\nsteps:\n{textwrap.indent(steps, '  ')}\n"}
    (problem,) = [one for one in found_in(files, tmp_path) if one.rule == "body-size"]
    assert problem.message == (
        "The flow is 66,146 bytes of JSON; the service accepts less than 65,536. "
        "Split it, for instance with a fetchCallFlow step."
    )


def test_a_body_just_under_64_kb_passes(tmp_path):
    text = "x" * 65_300
    steps = f"- action: say\n  options: {{payload: {text}, language: en-GB, voice: male}}"
    files = {"flows/long.yaml": f"title: Long\nsteps:\n{textwrap.indent(steps, '  ')}\n"}
    assert "body-size" not in {one.rule for one in found_in(files, tmp_path)}


def test_an_exception_with_a_reason_silences_a_warning(tmp_path):
    twin = flow(mbflow="{exceptions: {same-title: one brand}}")
    assert found_in({"flows/a.yaml": flow(), "flows/b.yaml": twin}, tmp_path) == ()


def test_the_project_raises_and_turns_off_warnings(tmp_path):
    twins = {"flows/a.yaml": flow(), "flows/b.yaml": flow(id="x")}
    project = "rules: {same-title: error, service-fields: off}\n"
    (problem,) = found_in({"mbflow.yaml": project, **twins}, tmp_path)
    assert (problem.rule, problem.severity, problem.file) == (
        "same-title",
        Severity.ERROR,
        "flows/b.yaml",
    )
    assert (problem.line, problem.column) == (1, 8)
    assert problem.message == (
        'flows/a.yaml has the title "Menu" too. Change one, so that people can tell them apart.'
    )


@pytest.mark.parametrize("severity", ["warning", "off"])
def test_an_error_cannot_be_lowered(severity, tmp_path):
    files = {"mbflow.yaml": f"rules:\n  schema: {severity}\n", "flows/a.yaml": flow()}
    (problem,) = found_in(files, tmp_path)
    assert (problem.file, problem.line, problem.column) == ("mbflow.yaml", 2, 3)
    assert problem.message == (
        'The rule "schema" is an error: it cannot be excepted, lowered or turned off.'
    )
