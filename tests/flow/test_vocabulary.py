"""One vocabulary: whoever has a table of actions or options has all of them, and no other.

What is missing, and where, is said in the failure. Below it: what a live flow holds that mbflow has
no name for.
"""

import pytest
import strategies
from builders import flow, say, when
from hypothesis import given
from strategies import bodies, strange_flows
from tables import assert_same_names

from mbflow.emulator import flow_checks
from mbflow.flow.canonical import canonical, same
from mbflow.flow.vocabulary import ACTIONS, LANGUAGES, action_of, spelled, unknown_paths
from mbflow.schema.validator import schema, step_keys
from mbflow.simulator.actions import RUN

SCHEMA = "schemas/call-flow.schema.json"
EMULATOR = "mbflow/emulator/flow_checks.py"
DEFINED = schema("call-flow")["$defs"]
OPTIONS = {
    name: form["properties"]
    for name, form in DEFINED.items()
    if form.get("title") == f"Options of {name}"
}
"""What the schema says of the options of each action, read without the vocabulary."""


def test_every_table_has_every_action():
    branches = [
        branch["if"]["properties"]["action"]["const"]
        for branch in DEFINED["step"]["then"]["allOf"]
        if branch["then"]["properties"]["options"]["$ref"].rpartition("/")[2]
        == branch["if"]["properties"]["action"]["const"]
    ]
    tables = {
        f"{SCHEMA} (enum of action)": DEFINED["step"]["properties"]["action"]["enum"],
        f"{SCHEMA} ($defs)": OPTIONS,
        f"{SCHEMA} (then, allOf of step)": branches,
        "mbflow/flow/vocabulary.py (ACTIONS)": ACTIONS,
        "mbflow/simulator/actions.py (RUN)": RUN,
        f"{EMULATOR} (ACTIONS)": flow_checks.ACTIONS,
        "tests/strategies.py (OPTIONS)": strategies.OPTIONS,
    }
    assert_same_names(tables)


@pytest.mark.parametrize("action", OPTIONS)
def test_every_table_has_every_option(action):
    required, optional = strategies.OPTIONS.get(action, ({}, {}))
    tables = {
        f"{SCHEMA} (options of {action})": OPTIONS[action],
        f"{EMULATOR} (ACTIONS, {action})": flow_checks.ACTIONS.get(action, {}),
        f"tests/strategies.py (OPTIONS, {action})": {**required, **optional},
    }
    assert_same_names(tables)


@pytest.mark.parametrize("action", OPTIONS)
def test_options_of_other_actions_are_known_without_a_value(action):
    everywhere = {option for options in OPTIONS.values() for option in options}
    form = DEFINED[action]
    assert_same_names(
        {
            f"{SCHEMA} (options of all actions)": everywhere,
            f"{SCHEMA} (optionName)": DEFINED["optionName"]["enum"],
        }
    )
    assert_same_names(
        {
            f"{SCHEMA} (properties of {action})": form["properties"],
            f"{SCHEMA} (if of {action})": form["if"]["properties"],
            f"{SCHEMA} (else, if of {action})": form["else"]["if"]["properties"],
        }
    )


@pytest.mark.parametrize("name", OPTIONS)
def test_every_action_tells_its_main_option(name):
    action = action_of(name)
    assert action.main in (OPTIONS[name] or {""}), f"{name} has no main option among its options"
    assert action.phrase.count("{}") == 1


@pytest.mark.parametrize("name", OPTIONS)
def test_every_address_is_known_as_one(name):
    """Rules look for secrets and unsafe schemes in addresses only."""
    examples = {option: str(of.get("examples")) for option, of in OPTIONS[name].items()}
    found = {option for option, example in examples.items() if "https://" in example}
    places = {
        f"{SCHEMA} (examples of {name} that are addresses)": found,
        f"mbflow/flow/vocabulary.py (ACTIONS, url of {name})": {action_of(name).url} - {""},
    }
    assert_same_names(places)


def test_every_language_tag_is_known_as_one():
    found = {
        option
        for options in OPTIONS.values()
        for option, of in options.items()
        if "[A-Za-z]{2,3}" in of.get("else", {}).get("pattern", "")
    }
    places = {f"{SCHEMA} (patterns)": found, "mbflow/flow/vocabulary.py (LANGUAGES)": LANGUAGES}
    assert_same_names(places)


def test_no_two_names_differ_in_case_only():
    """Else a name that the service spells in its own way could be either."""
    names = {*step_keys(), *schema("call-flow")["properties"], *DEFINED["condition"]["properties"]}
    names |= {option for options in OPTIONS.values() for option in options}
    assert len({name.lower() for name in names}) == len(names)
    shouted = {name.upper(): 1 for name in names - {"mbflow"}}
    assert spelled(shouted).keys() == names - {"mbflow"}


def test_an_exact_spelling_wins():
    assert spelled({"Repeat": 1, "repeat": 2, "Odd": 3}) == {"repeat": 2, "Odd": 3}
    assert spelled({"repeat": 2, "REPEAT": 1}) == {"repeat": 2}


def test_unknown_keys_are_named_at_every_level():
    strange = {**say("Hello.", options={"speed": 2, "Repeat": 3}), "hint": 1}
    strange["conditions"] = [when("a", "1"), {**when("b", "2"), "id": 7}, "odd"]
    assert unknown_paths(flow(say("x"), strange, region="eu", Title="x")) == [
        ("region",),
        ("steps", 1, "hint"),
        ("steps", 1, "options", "speed"),
        ("steps", 1, "conditions", 1, "id"),
    ]


def test_what_the_service_owns_is_known():
    assert unknown_paths(flow(say("x"), id="1", createdAt="", updatedAt="", _links={})) == []


def test_another_actions_option_counts_where_it_is_set():
    step = say("x", options={"destination": "312", "media": "", "keys": None, "interval": 0})
    assert unknown_paths(flow(step)) == [("steps", 0, "options", "destination")]


def test_nothing_is_said_about_the_options_of_an_unknown_action():
    assert unknown_paths(flow({"action": "dance", "options": {"speed": 1}})) == []


@given(bodies())
def test_a_valid_flow_holds_nothing_unknown(body):
    assert unknown_paths(body) == []


@given(strange_flows)
def test_whatever_a_service_answers_can_be_looked_through(body):
    assert isinstance(unknown_paths(body), list)


def test_unknown_keys_do_not_count():
    strange = {**say("Hello.", options={"speed": 2}), "hint": 1}
    assert same(canonical(flow(strange, region="eu")), canonical(flow(say("Hello."))))
