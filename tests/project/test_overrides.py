"""A misspelt variable of an environment would leave the project's value in force."""

import pytest

from mbflow.project.load import read_checkout
from mbflow.testing.validate import check

PROJECT = """\
project: acme
variables:
  sales_number: "442079460111"
environments:
  staging:
    endpoint: embedded
    variables: {sales_numbr: "442079460199"}
  production:
    endpoint: embedded
"""
FLOW = """\
title: Sales
steps:
  - action: transfer
    options: {destination: "${sales_number}"}
"""
TOLD = (
    'The project has no variable "sales_numbr", and no flow uses it. '
    'Did you mean "sales_number"? If not, remove it until a flow uses it.'
)


@pytest.fixture
def project(tmp_path):
    def write(**files):
        (tmp_path / "flows").mkdir(exist_ok=True)
        for name, text in {"flow": FLOW, "project": PROJECT, **files}.items():
            (tmp_path / PLACES[name]).write_text(text)
        return tmp_path

    return write


PLACES = {
    "flow": "flows/sales.yaml",
    "other": "flows/other.yaml",
    "calls": "flows/sales.calls.yaml",
    "project": "mbflow.yaml",
}


def told(root, environment=None):
    found = check(root, environment=environment, environ={}).problems
    return [(one.rule, one.file, one.line, one.column, one.message) for one in found]


def test_a_misspelt_override_is_an_error_in_validate_and_plan(project):
    root = project()
    error = ("unknown-override", "mbflow.yaml", 7, 30, TOLD)
    assert told(root) == told(root, "staging") == [error]
    planned = read_checkout(root, "staging", environ={}).problems
    assert [one.message for one in planned] == [TOLD]


def test_it_is_no_matter_of_another_environment(project):
    root = project()
    assert told(root, "production") == []
    assert read_checkout(root, "production", environ={}).problems == ()


@pytest.mark.parametrize("only", ["", "mbflow: {environments: [production]}\n"])
def test_an_environments_variable_is_used_by_any_flow(only, project):
    flow = FLOW.replace("sales_number", "sales_numbr")
    problems = told(project(other=flow + only), "staging")
    assert "unknown-override" not in {problem[0] for problem in problems}


def test_a_call_file_may_use_it(project):
    calls = 'calls:\n  - {name: c, transferred: "${sales_numbr}"}\n'
    assert "unknown-override" not in {one[0] for one in told(project(calls=calls))}


def test_a_name_like_no_other_is_left_alone(project):
    assert told(project(project=PROJECT.replace("sales_numbr", "desk"))) == []


def test_a_file_that_cannot_be_read_may_use_it(project):
    problems = told(project(other="title: [\n"))
    assert {problem[0] for problem in problems} == {"yaml-syntax"}


NATIONAL = PROJECT.replace("sales_numbr", "sales_number").replace('"442079460199"', '"020794601"')


def test_a_problem_with_a_value_names_the_value_and_its_line(project):
    (problem,) = check(project(project=NATIONAL), environ={}).problems
    assert (problem.rule, problem.file, problem.line) == ("destination-form", "flows/sales.yaml", 4)
    assert problem.message.endswith(
        '${sales_number} stands for "020794601" (mbflow.yaml:7). (in staging)'
    )


def test_a_secret_is_named_with_its_line_only(project):
    secret = PROJECT.replace('"442079460111"', "{env: NUMBER, secret: true}")
    root = project(project=secret.replace("sales_numbr", "unused"))
    (problem,) = check(root, environ={"NUMBER": "020794601"}).problems
    assert problem.message.endswith(
        "${sales_number} stands for a secret (mbflow.yaml:3, from NUMBER)."
    )
    assert "020794601" not in problem.message


def test_a_variable_that_is_like_another_may_be_a_new_one(project):
    (problem,) = check(
        project(flow=FLOW.replace("sales_number", "sale_number"), project=NATIONAL), environ={}
    ).problems
    assert problem.message == (
        'There is no variable "sale_number". Did you mean "sales_number"? '
        "If not, declare it under variables in mbflow.yaml."
    )
