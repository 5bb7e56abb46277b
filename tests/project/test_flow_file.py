"""One file in several environments: what they share is told once, and nothing makes it raise."""

import json

from hypothesis import assume, example, given
from hypothesis import strategies as st

from mbflow.model.problem import Severity, has_errors
from mbflow.model.project import Environment, Variable
from mbflow.project.flow_file import Terms, read_flow


def environment(name, **values):
    variables = {
        key: Variable(key, value, secret=key == "pin", trouble="" if value else "it is not set")
        for key, value in values.items()
    }
    return Environment(name, variables=variables)


ONE = environment("one", number="442079460123", length=5, pin="4711")
TWO = environment("two", number="442079460123", length="5", pin="4711")
THREE = environment("three", number="442079460199", length=None, pin=None)
TERMS = Terms((ONE, TWO, THREE), known_environments=frozenset({"one", "two", "three"}))


def read(text, terms=TERMS):
    return read_flow(text.encode(), "key", "flows/key.yaml", terms)


def groups(text):
    return [reading.environments for reading in read(text)]


def test_environments_that_agree_are_read_together():
    assert groups("title: T\nsteps: [{action: hangup}]\n") == [("one", "two", "three")]
    assert groups('title: "${number}"\nsteps: [{action: hangup}]\n') == [("one", "two"), ("three",)]
    assert groups('title: "${length}"\nsteps: [{action: hangup}]\n') == [
        *(("one",), ("two",), ("three",))
    ]


def test_a_file_is_read_where_it_is_wanted():
    text = 'title: "${number}"\nsteps: [{action: hangup}]\nmbflow: {environments: [three, one]}\n'
    assert groups(text) == [("one",), ("three",)]
    (reading,) = read(text.replace("[three, one]", "[four]"))
    assert (reading.environments, reading.flow) == ((), None)
    assert [problem.message for problem in reading.problems] == [
        'There is no environment "four". Declare it in mbflow.yaml.'
    ]


def test_references_are_left_alone_where_variables_are_not_known():
    terms = Terms((ONE,), variables_known=False)
    text = 'title: "${nobody}"\nsteps:\n- {action: pause, options: {length: "${knows}"}}\n'
    text += "- {action: hangup}\n"
    (reading,) = read(text, terms)
    assert reading.problems == ()


def test_the_mbflow_block_knows_no_variables():
    text = "title: T\nsteps: [{action: hangup}]\nmbflow:\n  description: costs ${much}\n"
    (reading,) = read(text)
    assert reading.problems == ()
    assert reading.flow.settings.description == "costs ${much}"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["${number}", "${length}", "a ${pin}", "${nobody}", "${", "$${x}", "bye"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = ["id", "action", "options", "conditions", "onKeypressGoto", "endKey", "other"]
ACTIONS = st.sampled_from(["say", "pause", "hangup", "transfer", "record", "dance"])
steps = st.builds(
    lambda step, action: step | {"action": action},
    st.dictionaries(st.sampled_from(KEYS), json_values, max_size=3),
    ACTIONS,
)
flows = st.builds(
    lambda flow, listed: flow | {"steps": listed},
    st.dictionaries(st.sampled_from(["title", "id", "mbflow", "default", "x"]), json_values),
    st.lists(steps, max_size=4),
)
blocks = st.dictionaries(
    st.sampled_from(["protect", "was", "environments", "exceptions", "description"]), json_values
)


@example({"steps": [{"action": "hangup"}], "mbflow": {"environments": [{}]}}, Severity.ERROR)
@given(
    flows | json_values | st.builds(lambda flow, block: flow | {"mbflow": block}, flows, blocks),
    st.sampled_from(list(Severity)),
)
def test_no_document_raises_and_no_secret_is_told(document, unset):
    text = json.dumps(document, ensure_ascii=False)
    assume("4711" not in text)  # what a file says itself is no secret
    terms = Terms((ONE, TWO, THREE), frozenset({"one"}), unset=unset)
    for reading in read(text, terms):
        assert (reading.flow is None) >= has_errors(reading.problems)
        for problem in reading.problems:
            assert problem.file == "flows/key.yaml"
            assert problem.line >= 1 or problem.rule in ("body-size", "yaml-limit")
            assert "\n" not in problem.message
            assert "4711" not in problem.message
