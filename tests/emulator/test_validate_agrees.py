"""What `validate` accepts the emulator accepts and gives back the same: nothing is refused late."""

import json

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from strategies import MANY, bodies

from mbflow.emulator.flow_checks import flow_faults, fold_flow
from mbflow.emulator.requests import json_of
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.problem import has_errors
from mbflow.model.project import Environment, Variable
from mbflow.project.flow_file import Terms, read_flow
from mbflow.project.write import flow_text
from mbflow.schema.validator import ACTION_NAMES, options_of, schema, step_keys

ODD = [0, 0.0, -0.0, 1, 1.0, 2.5, 1e3, 1e30, 5, 400, 10.5, -1, -1.0, True, False, None, "", " "]
ODD += [2**63 - 1, 2**63, -(2**63), 2**70, "male", "in", "#", "==", "en-GB", "a\u00a0b", [], {}]
ODD += ["https://example.com/a.wav", "https://exa mple.com", "http://[::1", "ftp://x", "//x", "$${"]
ODD += [["https://example.com/a.wav"], [""], ["x"], "${", "$${x", "${number}", "${big}", "${deep}"]
odd = st.sampled_from(ODD)
OPTIONS = sorted({name for action in ACTION_NAMES for name in options_of(action)})
VALUES = {"number": 3.0, "big": 2**64, "deep": "a ${b} c"}
HERE = Environment("here", variables={name: Variable(name, VALUES[name]) for name in VALUES})


@st.composite
def options(draw, action):
    described = schema("call-flow")["$defs"][action]["properties"]
    chosen = {}
    for name, rule in options_of(action).items():
        if rule.required or draw(st.integers(0, 2)) == 0:
            chosen[name] = draw(st.sampled_from(described[name].get("examples", [True])))
    if action == "say":
        chosen["voice"] = "female"
    for name in draw(st.lists(st.sampled_from(OPTIONS), max_size=2)):
        chosen[name] = draw(odd)
    return chosen


@st.composite
def flows(draw):
    steps = []
    for action in draw(st.lists(st.sampled_from(ACTION_NAMES), min_size=1, max_size=3)):
        step = {"action": action, "options": draw(options(action))}
        if draw(st.integers(0, 3)) == 0:
            step[draw(st.sampled_from(sorted({*step_keys()} - {"action"})))] = draw(odd)
        steps.append(step)
    flow = {"steps": steps}
    if draw(st.booleans()):
        flow[draw(st.sampled_from(["title", "record", "default", "maxDuration"]))] = draw(odd)
    return flow


def accepted(flow):
    """The body that would be sent, or None."""
    return read(json.dumps(flow, ensure_ascii=False).encode())


def read(source):
    (reading,) = read_flow(source, "menu", "menu.yaml", Terms((HERE,)))
    assert (reading.flow is None) is has_errors(reading.problems)
    return reading.flow and reading.flow.body


def faults(body):
    return flow_faults(fold_flow(json_of(json.dumps(body).encode())))


@settings(max_examples=MANY)
@given(flows() | bodies())
@example({"steps": [{"action": "pause", "options": {"length": 2.0}}]})
@example({"steps": [{"action": "pause", "options": {"length": 2**63}}]})
@example({"steps": [{"action": "pause", "options": {"length": "${number}"}}]})
@example({"steps": [{"action": "pause", "options": {"length": 1, "payload": 0.0}}]})
@example({"steps": [{"action": "record", "options": {"transcribe": True}}]})
@example({"steps": [{"action": "fetchCallFlow", "options": {"url": "https://a b"}}]})
@example({"steps": [{"action": "transfer", "options": {"destination": "x", "record": "$${"}}]})
@example({"steps": [{"action": "play", "options": {"media": "${deep}"}}]})
@example({"steps": [{"action": "play", "options": {"media": ["https://a b/$${x}"]}}]})
@example({"steps": [{"action": "fetchCallFlow", "options": {"url": "https://$${host}/"}}]})
def test_what_validate_accepts_is_accepted(flow):
    body = accepted(flow)
    assume(body is not None)
    assert faults(body) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows=st.lists(flows() | bodies(), min_size=3, max_size=3))
def test_what_is_created_reads_back_the_same(in_process_once, flows):
    for body in filter(None, map(accepted, flows)):
        created = in_process_once.post("/call-flows", json=body)
        assert created.status_code == 201
        name = created.json()["data"][0]["id"]
        (read,) = in_process_once.get(f"/call-flows/{name}").json()["data"]
        assert is_alike(Form(body), Form(read))


@settings(max_examples=MANY)
@given(bodies())
def test_what_the_emulator_accepts_is_valid(body):
    assume(faults(body) == [])
    assert read(flow_text(body, schema=None).encode()) is not None


@pytest.fixture
def in_process_once(in_process):
    return in_process()
