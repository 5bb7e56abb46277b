"""The call-flow schema: real payloads fit it, both validators agree on it, and its form holds."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.text import listed
from mbflow.schema.messages import mistakes
from mbflow.schema.validator import (
    ACTION_NAMES,
    flow_keys,
    is_valid,
    options_of,
    schema,
    schema_names,
    schema_text,
    sent_body,
    step_keys,
    violations,
)

CORPUS = Path(__file__).parent / "corpus"
BROKEN = {
    "flow-008-put-title-only": 'The flow has no steps. Write them as a list under "steps:".',
    "flow-009-put-title-new": 'The flow has no steps. Write them as a list under "steps:".',
    "flow-031-java-stored-all-options": (
        "payload is an option of say, not of transfer. Remove it, or change the action."
    ),
    "flow-038-dart-stored-step-id-only": (
        f'This step has no action. Write "action:" with {listed(ACTION_NAMES)}.'
    ),
}
"""PUT bodies without steps, which are no flow files; fixtures that no service could have sent."""


def corpus():
    return sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.stem)
def test_real_flows_fit(path):
    flow = json.loads(path.read_text())
    assert is_valid("call-flow", flow) is (path.stem not in BROKEN)
    if path.stem in BROKEN:
        told = [mistake.message for mistake in mistakes("call-flow", flow, lambda path: None)]
        assert BROKEN[path.stem] in told


def test_the_corpus_is_there():
    assert len(corpus()) > 40


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["en-GB", "en-GB\n", "${x}", "${x}\n", "#", "==", "٣", "sip:a@b", "1", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
option_values = json_values | st.sampled_from(
    [0, 0.0, 1, 1.0, 5, 400, 10.5, -1, "male", "in", True]
)
OPTIONS = sorted({name for action in ACTION_NAMES for name in options_of(action)} | {"unknown"})
options = st.dictionaries(st.sampled_from(OPTIONS), option_values, max_size=5)
conditions = st.lists(
    st.dictionaries(st.sampled_from(["variable", "operator", "value"]), option_values), max_size=2
)


@st.composite
def good_options(draw, action):
    """Options that mostly fit: the examples of the schema, zeros of other actions, one surprise."""
    described = schema("call-flow")["$defs"][action]["properties"]
    chosen = {}
    for name, rule in options_of(action).items():
        if rule.required or draw(st.booleans()):
            chosen[name] = draw(st.sampled_from(described[name].get("examples", [True])))
    for name in draw(st.lists(st.sampled_from(OPTIONS[:-1]), max_size=2)):
        chosen.setdefault(name, draw(st.sampled_from([0, False, "", None])))
    if draw(st.integers(0, 3)) == 0:
        chosen[draw(st.sampled_from(OPTIONS))] = draw(option_values)
    return chosen


@st.composite
def flows(draw):
    steps = []
    for action in draw(st.lists(st.sampled_from([*ACTION_NAMES, "dance"]), min_size=1, max_size=3)):
        step = {"action": action}
        if action in ACTION_NAMES:
            step["options"] = draw(good_options(action) | options | json_values)
        if draw(st.booleans()):
            step[draw(st.sampled_from(sorted(step_keys())))] = draw(option_values | conditions)
        steps.append(step)
    flow = {"steps": steps}
    if draw(st.booleans()):
        flow[draw(st.sampled_from([*flow_keys(), "mbflow", "id", "other"]))] = draw(json_values)
    return flow


@given(flows() | json_values)
def test_both_validators_agree_and_every_no_has_its_words(flow):
    said = is_valid("call-flow", flow)
    assert said is (not list(violations("call-flow", flow)))
    told = mistakes("call-flow", flow, lambda path: None)
    assert said is (not told)
    assert all(mistake.message and "\n" not in mistake.message for mistake in told)


@pytest.mark.parametrize("name", ["call-flow", "calls", "calendar", "project"])
def test_patterns_mean_the_same_to_every_reader(name):
    text = schema_text(name)
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text)
    assert patterns
    for pattern in map(json.loads, patterns):
        assert not re.search(r"\\[dwb]|(?<!\\)\$", pattern), pattern


@pytest.mark.parametrize("action", ACTION_NAMES)
def test_examples_and_defaults_fit(action):
    described = schema("call-flow")["$defs"][action]["properties"]
    required = {
        name: described[name]["examples"][0]
        for name, rule in options_of(action).items()
        if rule.required
    } | {"say": {"voice": "female"}, "record": {"transcribeLanguage": "en-UK"}}.get(action, {})
    for name, rule in options_of(action).items():
        examples = described[name].get("examples", [])
        defaults = [rule.default] if rule.default is not None else []
        for value in [*examples, *defaults]:
            step = {"action": action, "options": {**required, name: value}}
            assert is_valid("call-flow", {"steps": [step]}), (name, value)


def test_actions_and_options_are_those_of_the_reference():
    assert {action: set(options_of(action)) for action in ACTION_NAMES} == {
        "transfer": {
            *("destination", "record", "mask", "ifMachine", "machineTimeout", "source"),
        },
        "say": {
            *("payload", "language", "voice", "repeat", "ifMachine", "machineTimeout"),
            *("loop", "length"),
        },
        "play": {"media"},
        "pause": {"length"},
        "record": {
            *("maxLength", "timeout", "finishOnKey", "transcribe", "transcribeLanguage"),
            "onFinish",
        },
        "fetchCallFlow": {"url"},
        "sendKeys": {"keys", "duration", "interval"},
        "hangup": set(),
    }
    assert options_of("dance") == {}


def test_defaults_and_required_options_are_told():
    rules = {action: options_of(action) for action in ACTION_NAMES}
    required = {
        action: sorted(name for name, rule in of.items() if rule.required)
        for action, of in rules.items()
    }
    assert required == {
        "transfer": ["destination"],
        "say": ["language", "payload", "voice"],
        "play": ["media"],
        "pause": ["length"],
        "record": [],
        "fetchCallFlow": ["url"],
        "sendKeys": ["keys"],
        "hangup": [],
    }
    defaults = {
        f"{action}.{name}": rule.default
        for action, of in rules.items()
        for name, rule in of.items()
        if rule.default is not None
    }
    assert defaults == {
        "transfer.mask": False,
        "say.repeat": 1,
        "say.ifMachine": "delay",
        "say.machineTimeout": 7000,
        "record.maxLength": 0,
        "record.finishOnKey": "none",
        "record.transcribe": False,
    }
    assert {name: rule.default for name, rule in flow_keys().items()} == {
        "title": None,
        "record": False,
        "steps": None,
        "default": False,
        "maxDuration": None,
    }
    assert {name for name, rule in step_keys().items() if rule.required} == {"action"}


def test_what_is_transcribed_has_a_language():
    for options in ({"transcribe": True}, {"transcribe": True, "transcribeLanguage": ""}):
        told = mistakes("call-flow", {"steps": [{"action": "record", "options": options}]}, str)
        assert len(told) == 1 and "transcribeLanguage" in told[0].message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "2.0",
            "length must be a whole number, written without a point or an exponent: length: 2.",
        ),
        (
            "1e3",
            "length must be a whole number, written without a point or an exponent: length: 1000.",
        ),
        ("2.5", "length must be a whole number, not the number 2.5."),
        ("9223372036854775808", "length must be a whole number of at most 9223372036854775807."),
        ("1e30", "length must be a whole number of at most 9223372036854775807."),
        ("true", "length must be a whole number, not true."),
    ],
)
def test_whole_numbers_are_those_of_the_service(written, message):
    value = json.loads(written)
    flow = {"steps": [{"action": "pause", "options": {"length": value}}]}
    assert not is_valid("call-flow", flow)
    (told,) = mistakes("call-flow", flow, lambda path: written)
    assert told.message == message


def test_what_stays_at_home_is_not_sent():
    document = {
        "id": "x",
        "createdAt": "",
        "title": "Menu",
        "steps": [],
        "mbflow": {},
        "_links": {},
    }
    assert sent_body(document) == {"title": "Menu", "steps": []}


def test_schemas_are_found_by_name():
    assert {"call-flow", "project"} <= set(schema_names())
    with pytest.raises(KeyError):
        schema_text("nothing")


def told(name, document):
    return [mistake.message for mistake in mistakes(name, document, lambda path: None)]


def test_only_what_is_at_fault_among_other_options_is_told():
    options = {"length": 3, "url": "", "repeat": 0, "media": "x", "lenght": None}
    assert told("call-flow", {"steps": [{"action": "pause", "options": options}], "id": 1}) == [
        "media is an option of play, not of pause. Remove it, or change the action.",
        'pause has no option "lenght". Did you mean "length"?',
    ]


@pytest.mark.parametrize(
    ("name", "document", "message"),
    [
        (
            "call-flow",
            {"steps": [{"action": "play", "options": {"media": {}}}]},
            "media must be text or a list, not a mapping.",
        ),
        (
            "call-flow",
            {"steps": [{"action": "hangup"}], "titel": "", "_links": {}},
            'A call flow has no key "titel". Did you mean "title"?',
        ),
        (
            "project",
            {"variables": {"pin": []}},
            "pin must be text, a number, true or false or a mapping of keys and values, "
            "not a list.",
        ),
        (
            "project",
            {"variables": {"pin": None}},
            "pin has no value. Give it one, or remove the key.",
        ),
        ("project", {"project_was": {}}, "project_was must be text or a list, not a mapping."),
        (
            "calls",
            {"calls": [{"name": "x", "within": []}]},
            "within must be text or a number, not a list.",
        ),
        (
            "calls",
            {"calls": [{"name": "x", "ends": 1}]},
            "ends must be hangup, caller, end_of_flow, max_duration or fetch_failed, "
            "not the number 1.",
        ),
    ],
)
def test_every_kind_that_is_allowed_is_told(name, document, message):
    assert told(name, document) == [message]
