"""The emulator judges flows by tables of its own, so that mbflow is not tested against itself.

The two must still speak the same language: the shipped schema's, name for name.
"""

import pytest

from mbflow.emulator.flow_checks import (
    ACTIONS,
    CONDITION_VALUES,
    FLOW_VALUES,
    REQUIRED,
    SERVICE_KEYS,
    STEP_KEYS,
)
from mbflow.schema import validator as schema

# No source says which option of sendKeys is required: a file must say keys, a client need not.
STRICTER = {"sendKeys": {"keys"}}


def test_actions_and_keys_are_the_schemas():
    assert tuple(ACTIONS) == schema.actions()
    assert {*FLOW_VALUES, "steps"} == schema.flow_keys().keys()
    assert set(STEP_KEYS) == schema.step_keys().keys()
    assert SERVICE_KEYS == schema.SERVICE_FIELDS
    steps = schema.schema("call-flow")["$defs"]
    assert CONDITION_VALUES.keys() == steps["condition"]["properties"].keys()


@pytest.mark.parametrize("action", ACTIONS)
def test_options_are_the_schemas(action):
    options = schema.options_of(action)
    assert ACTIONS[action].keys() == options.keys()
    required = {name for name, rule in options.items() if rule.required}
    assert required - set(REQUIRED.get(action, ())) == STRICTER.get(action, set())
    assert {name: value.default for name, value in ACTIONS[action].items()} == {
        name: rule.default for name, rule in options.items()
    }
