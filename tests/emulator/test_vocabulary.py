"""The emulator judges flows by tables of its own, so that mbflow is not tested against itself.

The two must still speak the same language: the shipped schema's, name for name and value for value.
`tests/flow/test_vocabulary.py` holds the actions and the names of their options together.
"""

import pytest
from tables import assert_same_names

from mbflow.emulator.flow_checks import (
    ACTIONS,
    CONDITION_VALUES,
    FLOW_VALUES,
    REQUIRED,
    SERVICE_KEYS,
    STEP_KEYS,
    Value,
)
from mbflow.schema import validator as schema

EMULATOR = "mbflow/emulator/flow_checks.py"
# No source says which option of sendKeys is required: a file must say keys, a client need not.
STRICTER = {"sendKeys": {"keys"}}


@pytest.mark.parametrize(
    ("name", "own", "shipped"),
    [
        ("flow", {*FLOW_VALUES, "steps"}, schema.flow_keys()),
        ("step", STEP_KEYS, schema.step_keys()),
        ("condition", CONDITION_VALUES, schema.condition_keys()),
        ("service", SERVICE_KEYS, schema.SERVICE_FIELDS),
    ],
)
def test_keys_are_the_schemas(name, own, shipped):
    assert_same_names({f"{EMULATOR} (keys of a {name})": own, "the schema": shipped})


@pytest.mark.parametrize("action", schema.ACTION_NAMES)
def test_what_is_required_is_the_schemas(action):
    required = {name for name, rule in schema.options_of(action).items() if rule.required}
    own = {*REQUIRED.get(action, ())} | STRICTER.get(action, set())
    assert_same_names({f"{EMULATOR} (REQUIRED, {action})": own, "the schema": required})


@pytest.mark.parametrize("action", schema.ACTION_NAMES)
def test_values_are_the_schemas(action):
    described = schema.schema("call-flow")["$defs"][action]["properties"]
    for name in schema.options_of(action):
        own = ACTIONS[action].get(name)
        assert own == value_of(described[name], own), f"{action}.{name} in {EMULATOR}"


def value_of(described, own):
    """What the schema says of an option, as the emulator would. 0 counts as not set in both."""
    rule = described.get("else", described)
    kind = {"boolean": "flag", "integer": "number"}.get(str(rule.get("type")), "text")
    least = rule.get("then", rule).get("minimum")
    return Value(
        "texts" if described.get("if") == {"type": "array"} else kind,
        least=own.least if own and least == 0 and own.least == 1 else least,
        most=rule.get("maximum"),
        among=tuple(choice for choice in rule.get("enum", ()) if choice),
        default=described.get("default"),
    )
