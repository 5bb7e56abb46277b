"""References in flow files: what they become, what they may not be, and what stays hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.problem import Severity
from mbflow.model.project import Variable
from mbflow.project.variables import escaped, fill, names_in

VARIABLES = {
    "name": Variable("name", "Ann"),
    "count": Variable("count", 3),
    "share": Variable("share", 1.5),
    "mask": Variable("mask", True),
    "pin": Variable("pin", "4711", secret=True),
    "code": Variable("code", 99, secret=True),
    "missing": Variable("missing", None, env="X", trouble="the process variable X is not set"),
}

NO_REFERENCE = "is not a reference to a variable: write ${name}, or $${ for the text ${."


def filled(value, unset=Severity.ERROR):
    return fill(value, VARIABLES, unset=unset)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${name}", "Ann"),
        ("${count}", 3),
        ("${share}", 1.5),
        ("${mask}", True),
        ("${count} ", "3 "),
        ("${name} has ${count}", "Ann has 3"),
        ("${mask}/${share}", "true/1.5"),
        ("$${name}", "${name}"),
        ("$$${name}", "$${name}"),
        ("$${", "${"),
        ("$name {name} $", "$name {name} $"),
        ("${name}$${name}", "Ann${name}"),
    ],
)
def test_references_become_values(text, value):
    result = filled({"a": [text]})
    assert result.problems == ()
    assert result.raw == {"a": [value]}
    assert type(result.raw["a"][0]) is type(value)
    assert result.safe is result.raw


def test_keys_are_left_alone():
    assert filled({"${name}": 1}).raw == {"${name}": 1}


def test_secrets_are_filled_in_but_not_shown():
    document = {"a": "${pin}", "b": "dial ${pin} for ${name}", "c": "${code}", "d": "$${pin}"}
    result = filled(document)
    assert result.raw == {"a": "4711", "b": "dial 4711 for Ann", "c": 99, "d": "${pin}"}
    assert result.safe == {
        "a": "${pin}",
        "b": "dial ${pin} for Ann",
        "c": "${code}",
        "d": "${pin}",
    }


@pytest.mark.parametrize(
    ("text", "rule", "severity", "message"),
    [
        (
            *("${nam}", "unknown-variable", "error"),
            'There is no variable "nam". Did you mean "name"? If not, declare it under '
            "variables in mbflow.yaml.",
        ),
        (
            *("x ${zzz}", "unknown-variable", "error"),
            'There is no variable "zzz". Declare it under variables in mbflow.yaml.',
        ),
        *[
            (
                *(text, "unknown-variable", "error"),
                f"{shown} {NO_REFERENCE}",
            )
            for text, shown in [
                ("${}", "${}"),
                ("${ name }", "${ name }"),
                ("${a.b}", "${a.b}"),
                ("cost ${", "${"),
                ("${a{b}}", "${"),
            ]
        ],
        (
            *("${missing}", "unset-variable", "warning"),
            'The variable "missing" has no value: the process variable X is not set.',
        ),
    ],
)
def test_what_cannot_be_filled_in_is_told_and_left(text, rule, severity, message):
    result = filled({"a": {"b": text}}, unset=Severity.WARNING)
    (problem,) = result.problems
    assert (problem.rule, problem.severity, problem.message) == (rule, severity, message)
    assert problem.path == ("a", "b")
    assert result.raw == result.safe == {"a": {"b": text}}


def test_a_variable_without_a_value_is_as_bad_as_asked():
    assert filled("${missing}").problems[0].severity is Severity.ERROR


def test_one_bad_reference_leaves_the_secret_beside_it_hidden():
    result = filled({"a": "${pin} ${nope}"})
    assert "4711" not in str(result)


@given(st.text(st.sampled_from("${}a$ ")) | st.text())
def test_what_is_escaped_comes_back(text):
    result = filled({"a": escaped(text)})
    assert (result.raw, result.problems) == ({"a": text}, ())


@given(st.text(st.sampled_from("${}na me"), max_size=12))
def test_every_text_is_filled_in_or_told(text):
    result = filled([text])
    assert result.problems or "${" not in text or "$${" in text or result.raw != [text]
    assert names_in([escaped(text)]) == set()
