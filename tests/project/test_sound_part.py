"""While the schema is not met: rules speak where nothing is in doubt, and never falsely."""

import copy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import bodies

from mbflow.model.project import Environment
from mbflow.project.flow_file import Terms, read_flow
from mbflow.project.write import flow_text
from mbflow.testing.validate import check

TERMS = Terms((Environment("here"),))


def told(body):
    """Rule and path of what the rules say, and whether the schema is met."""
    (reading,) = read_flow(flow_text(body, schema=None).encode(), "menu", "menu.yaml", TERMS)
    found = {(problem.rule, problem.path) for problem in reading.problems}
    assert "yaml-syntax" not in {rule for rule, _ in found}
    return {one for one in found if one[0] != "schema"}, "schema" not in {one[0] for one in found}


def misspelt(draw, body, step):
    target = draw(st.sampled_from([body, step, step.setdefault("options", {})]))
    names = [name for name in target if name != "steps"]
    if names:
        name = draw(st.sampled_from(names))
        target[draw(st.sampled_from([name + "x", name[1:], "jump"]))] = target.pop(name)


def mistyped(draw, body, step):
    target = draw(st.sampled_from([body, step, step.setdefault("options", {})]))
    names = [name for name in target if name != "steps"]
    if names:
        target[draw(st.sampled_from(names))] = draw(
            st.sampled_from([{}, ["x"], -1, 1.5, "§", None])
        )


def left_out(draw, body, step):
    target = draw(st.sampled_from([step, step.setdefault("options", {})]))
    if target:
        target.pop(draw(st.sampled_from(sorted(target))))


def misplaced(draw, body, step):
    options = step.setdefault("options", {})
    one, other = draw(st.permutations([step, options]))
    names = [name for name in one if name != "options"]
    if names:
        name = draw(st.sampled_from(names))
        other[name] = one.pop(name)


def another_action(draw, body, step):
    step["action"] = draw(st.sampled_from(["say", "pause", "hangup", "transfer", "dance", 7]))


def no_step(draw, body, step):
    body["steps"][body["steps"].index(step)] = draw(st.sampled_from(["hangup", None, 3, []]))


SLIPS = [misspelt, mistyped, left_out, misplaced, another_action, no_step]


@given(st.data(), bodies())
def test_no_mistake_makes_a_rule_speak_falsely(data, body):
    whole, is_valid = told(body)
    assume(is_valid)
    broken = copy.deepcopy(body)
    step = data.draw(st.sampled_from(broken["steps"]))
    data.draw(st.sampled_from(SLIPS))(data.draw, broken, step)
    found, is_valid = told(broken)
    assume(not is_valid)
    assert found <= whole


BROKEN = """\
titel: Menu
steps:
  - action: say
    options: {payload: "", language: en-GB, voice: femal}
    onKeypressGoto: nowhere
  - action: fetchCallFlow
    options: {url: "http://calls.example.com:99999/x"}
  - {id: twice, action: pause, options: {length: 1}}
  - {id: twice, action: hangup}
"""


def rules_of(text):
    (reading,) = read_flow(text.encode(), "menu", "menu.yaml", TERMS)
    return [(problem.rule, problem.line) for problem in sorted(reading.problems, key=line_of)]


def line_of(problem):
    return problem.line


def test_rules_speak_beside_mistakes_of_the_schema():
    assert rules_of(BROKEN) == [
        ("schema", 1),
        ("schema", 4),
        ("unknown-goto", 5),
        ("url-form", 7),
        ("plain-http", 7),
        ("duplicate-id", 9),
    ]


@pytest.mark.parametrize(
    ("slip", "silenced"),
    [
        ("    onKeypressgoto: nowhere", {"unknown-goto"}),
        ("    jump: nowhere", {"unknown-goto", "duplicate-id"}),
    ],
)
def test_a_rule_is_silent_where_it_would_have_to_guess(slip, silenced):
    before = {rule for rule, _ in rules_of(BROKEN)}
    after = {rule for rule, _ in rules_of(BROKEN.replace("    onKeypressGoto: nowhere", slip))}
    assert before - after == silenced
    assert {"url-form", "plain-http"} <= after


def test_exceptions_in_doubt_silence_what_they_may_except():
    text = BROKEN + "mbflow:\n  exeptions: {plain-http: it is a lab}\n"
    rules = {rule for rule, _ in rules_of(text)}
    assert "url-form" in rules
    assert "plain-http" not in rules


def test_flows_are_compared_with_broken_ones(tmp_path):
    (tmp_path / "flows").mkdir()
    for name, action in (("a", "hangup"), ("b", "hangupp")):
        text = f"title: Menu\nsteps: [{{action: {action}}}]\n"
        (tmp_path / "flows" / f"{name}.yaml").write_text(text)
    assert {problem.rule for problem in check(tmp_path, environ={}).problems} == {
        "schema",
        "same-title",
    }
