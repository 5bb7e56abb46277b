"""Problems as text: carets under the right character, colour only if asked."""

import pytest

from mbflow.model.problem import Problem, Severity
from mbflow.views.problems import counts_text, problems_text
from mbflow.views.text import Style, cells


def problem(message="wrong", line=1, column=1, severity=Severity.ERROR):
    return Problem("a-rule", severity, message, "a.yaml", line, column)


def shown(line, column):
    return problems_text([problem(column=column)], {("a.yaml", 1): line}).splitlines()[1:]


def test_the_caret_stands_under_what_is_wrong():
    assert shown("    key: value", 10) == ["    key: value", "         ^"]


def test_hidden_characters_move_the_caret_along():
    assert shown('a: "\x1b" b', 8) == ['    a: "\\e" b', "            ^"]


def test_the_caret_may_stand_behind_the_line():
    assert shown("a: [", 5) == ["    a: [", "        ^"]


@pytest.mark.parametrize("word", ["text ", "日本語", "e\u0301"])
def test_a_long_line_is_shown_around_the_caret(word):
    line, column = f"{word * 90}HERE {word * 90}", len(word * 90) + 1
    text, caret = shown(line, column)
    assert cells(text) <= 80
    before, found, _ = text.partition("HERE")
    assert found and before.startswith("    …") and text.endswith("…")
    assert caret == " " * cells(before) + "^"


def test_the_caret_stands_right_after_wide_characters():
    assert shown("日本: x", 5) == ["    日本: x", "          ^"]


def test_a_place_beyond_the_line_has_no_caret():
    assert shown("a: [", 50) == []


def test_a_problem_without_a_line_names_its_file():
    assert problems_text([problem(line=0)]) == "a.yaml: error: wrong [a-rule]"


def test_a_problem_without_a_file_is_a_sentence():
    nowhere = Problem("a-rule", Severity.WARNING, "wrong")
    assert problems_text([nowhere]) == "warning: wrong [a-rule]"


def test_colour_is_only_there_if_asked_for():
    text = problems_text([problem()], {("a.yaml", 1): "x"}, Style(colour=True))
    assert text == (
        "\x1b[1ma.yaml:1:1\x1b[0m: \x1b[31;1merror:\x1b[0m wrong \x1b[2m[a-rule]\x1b[0m\n"
        "    x\n    \x1b[36;1m^\x1b[0m"
    )


def test_counts():
    warning = problem(severity=Severity.WARNING)
    assert counts_text([], 1) == "1 flow checked: no problems."
    assert counts_text([problem()] * 1200 + [warning], 10_000) == (
        "10,000 flows checked: 1,200 errors, 1 warning."
    )
    assert counts_text([], 2, 1) == "2 flows and 1 call file checked: no problems."
    assert counts_text([], 0, 3) == "3 call files checked: no problems."
    assert counts_text([], 0) == "No flow checked: no problems."


def test_broken_yaml_is_shown_with_indent_and_line_above():
    broken = Problem("yaml-syntax", Severity.ERROR, "wrong", "a.yaml", 3, 4)
    lines = {("a.yaml", 2): "  - action: say", ("a.yaml", 3): "   options: {}"}
    assert problems_text([broken], lines).splitlines()[1:] == [
        "      - action: say",
        "       options: {}",
        "       ^",
    ]


def test_the_line_above_is_left_out_where_it_is_no_cause():
    lines = {("a.yaml", 2): "   ", ("a.yaml", 3): " x"}
    broken = Problem("yaml-syntax", Severity.ERROR, "wrong", "a.yaml", 3, 2)
    other = Problem("a-rule", Severity.ERROR, "wrong", "a.yaml", 3, 2)
    assert problems_text([broken], lines).splitlines()[1:] == ["     x", "     ^"]
    lines["a.yaml", 2] = "above:"
    assert problems_text([other], lines).splitlines()[1:] == ["    x", "    ^"]
