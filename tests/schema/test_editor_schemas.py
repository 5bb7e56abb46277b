"""What editors need of the schemas: words at every key, all values, nothing that a strict reader
refuses. `make node` holds the same against a language server and Ajv."""

import json
import re
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from public_schemas import public_schema

from mbflow.project.flow_file import exception_trouble
from mbflow.project.starter import Place, schema_globs
from mbflow.rules import RULES
from mbflow.schema.validator import (
    ACTION_NAMES,
    SERVICE_FIELDS,
    is_valid,
    options_of,
    schema,
    schema_names,
)

ROOT = Path(__file__).parents[2]
WRITTEN = ["call-flow", "calls", "calendar", "project", "lock"]
"""The schemas of files that people open in an editor."""
SINGLE = ("if", "then", "else", "items", "additionalProperties", "propertyNames")
NAMED = ("properties", "patternProperties", "$defs")
SEVERAL = ("allOf", "anyOf")
KEYWORDS = {
    *SINGLE,
    *NAMED,
    *SEVERAL,
    *("$schema", "$id", "$ref", "$comment", "title", "description", "default", "examples"),
    *("type", "enum", "const", "required", "pattern"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems"),
}
"""What the schemas may say. Ajv's strict mode refuses words that are not JSON Schema's."""
TYPED = [
    ({"string"}, {"pattern", "minLength", "maxLength"}),
    ({"integer", "number"}, {"minimum", "maximum"}),
    ({"array"}, {"minItems", "items"}),
]
"""What Ajv's strict mode only takes beside the type, said there or by what stands around it."""


def parts(of):
    """Each part of a schema that is a schema, the whole first."""
    yield of
    inner = [of[name] for name in SINGLE if name in of]
    inner += [part for name in NAMED for part in of.get(name, {}).values()]
    inner += [part for name in SEVERAL for part in of.get(name, ())]
    for part in inner:
        if isinstance(part, dict):
            yield from parts(part)


def untyped(of, types=frozenset()):
    """Each part that limits values of a type that neither it nor what stands around it names."""
    said = of.get("type", ())
    types = ({said} if isinstance(said, str) else {*said}) or types
    if any(words & of.keys() and not kinds & types for kinds, words in TYPED):
        yield of
    same = ("if", "then", "else")
    inner = [(of[name], types) for name in same if name in of]
    inner += [(part, types) for name in SEVERAL for part in of.get(name, ())]
    inner += [(of[name], set()) for name in ("items", "additionalProperties") if name in of]
    inner += [(part, set()) for name in NAMED for part in of.get(name, {}).values()]
    inner += [(of.get("propertyNames"), {"string"})]
    for part, around in inner:
        if isinstance(part, dict):
            yield from untyped(part, around)


def resolved(name, of):
    """A part with what it refers to; its own words win."""
    found = {}
    if "$ref" in of:
        found = schema(name)
        for step in of["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        found = resolved(name, found)
    return {**found, **of}


def branches(name, of):
    """The part, and what it says of the same value in its branches.

    Conditions are left out, and so is what `allOf` asks of one value because of another.
    """
    of = resolved(name, of)
    yield of
    for part in [of[key] for key in ("then", "else") if key in of]:
        yield from branches(name, part)


def values(name, of, path=""):
    """By its path: everything that can be pointed at in a file."""
    yield path, resolved(name, of)
    for part in branches(name, of):
        inner = dict(part.get("properties", {}))
        inner |= {key: part[key] for key in ("items", "additionalProperties") if key in part}
        for key, value in inner.items():
            if isinstance(value, dict):
                yield from values(name, value, f"{path}/{key}")


@pytest.mark.parametrize("name", schema_names())
def test_a_strict_reader_takes_the_schema(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema_rs.meta.validate(schema(name))
    assert not list(untyped(schema(name)))
    for part in parts(schema(name)):
        assert part.keys() <= KEYWORDS
        kinds = part.get("type", "object")
        assert isinstance(kinds, str) or (len(kinds) == 2 and "null" in kinds), part
        assert all(kind.keys() == {"type"} for kind in part.get("anyOf", ())), part
        assert "if" not in part or {"then", "else"} & part.keys(), part
        assert {*part.get("required", ())} <= part.get("properties", {}).keys(), part


@pytest.mark.parametrize("name", WRITTEN)
def test_every_key_and_value_tells_what_it_is(name):
    found = list(values(name, schema(name)))
    assert len(found) > 8
    for path, of in found:
        assert of.get("title"), path
        assert of.get("description", "").endswith("."), path


@pytest.mark.parametrize("name", WRITTEN)
def test_conditions_say_nothing_to_people(name):
    """Editors look into `if` first, and show the first words that they find."""
    for part in parts(schema(name)):
        if "if" in part:
            assert not resolved(name, part["if"]).keys() & {"title", "description", "examples"}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_choice_is_offered_in_full(name):
    """Editors complete what stands beside the branches, not what stands in them."""
    choices = 0
    for path, of in values(name, schema(name)):
        offered = [*of.get("enum", ()), *of.get("examples", ()), of.get("default")]
        for part in branches(name, of):
            choices += "enum" in part
            assert all(choice in ["", *offered] for choice in part.get("enum", ())), path
    assert choices > 0 or name in ("lock", "calendar")


@pytest.mark.parametrize("name", WRITTEN)
def test_what_each_choice_means_is_told(name):
    """On hover over its key; of rules over that of them all, of actions in flows."""
    for path, of in values(name, schema(name)):
        choices = {choice for part in branches(name, of) for choice in part.get("enum", ())}
        told = schema(name)["properties"]["rules"] if path.startswith("/rules/") else of
        if name != "project" or not path.endswith("/action"):
            assert {*choices} - {""} <= set(re.findall(r"[\w=#*]+", told["description"])), path


@pytest.mark.parametrize("name", WRITTEN)
def test_no_example_is_a_mapping(name):
    """A language server offers it as `[object Object]`, and writes its texts without quotes."""
    for part in parts(schema(name)):
        for example in part.get("examples", ()):
            items = example if isinstance(example, list) else [example]
            assert not any(isinstance(item, dict) for item in items), example


def test_promises_know_the_actions_of_flows():
    assert tuple(schema("project")["$defs"]["action"]["enum"]) == ACTION_NAMES


@pytest.mark.parametrize("action", ACTION_NAMES)
def test_every_option_has_something_to_complete(action):
    for option, of in schema("call-flow")["$defs"][action]["properties"].items():
        assert of.get("examples"), option
        if of.get("else", {}).get("type") == "boolean":
            assert {*of["examples"], of.get("default")} >= {True, False}, option


def test_an_option_of_another_action_has_no_value():
    says = {"payload": "Hello.", "language": "en-GB", "voice": "female"}
    for option in {option for action in ACTION_NAMES for option in options_of(action)}:
        if option not in options_of("say"):
            for value in (0, False, "", None, 1, True, "x", [], {}):
                flow = {"steps": [{"action": "say", "options": {**says, option: value}}]}
                assert is_valid("call-flow", flow) is (value not in (1, "x", [], {}))


def test_what_the_service_sets_is_taken_but_not_offered():
    of = schema("call-flow")
    assert not of["properties"].keys() & {*SERVICE_FIELDS}
    assert is_valid("call-flow", {"steps": [{"action": "hangup"}], **dict.fromkeys(SERVICE_FIELDS)})
    assert not is_valid("call-flow", {"steps": [{"action": "hangup"}], "id\n": 1, "_linksx": 1})


@pytest.mark.parametrize(
    ("name", "path"),
    [("project", "rules"), ("call-flow", "mbflow/properties/exceptions")],
)
def test_every_rule_that_can_be_set_is_offered(name, path):
    offered = schema(name)["properties"]
    for key in path.split("/"):
        offered = offered[key]
    told = {rule: of["description"] for rule, of in offered["properties"].items()}
    assert told == {rule: RULES[rule].summary for rule in RULES if not exception_trouble(rule)}


HOME = "https://raw.githubusercontent.com/mbflow/mbflow/main/schemas"


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_known_by_its_address(name):
    assert schema(name)["$id"] == f"{HOME}/{name}.schema.json"


def test_the_catalogue_is_one_that_schemastore_takes(tmp_path):
    catalogue = json.loads((ROOT / "schemas" / "catalog.json").read_text())
    public = public_schema("schema-catalog", tmp_path)
    jsonschema_rs.validator_for(public, validate_formats=True).validate(catalogue)
    assert catalogue["$schema"] == public["id"]
    entries = {entry["url"]: entry for entry in catalogue["schemas"]}
    assert entries.keys() == {schema(name)["$id"] for name in WRITTEN}
    globs = schema_globs(Place())
    for name in WRITTEN:
        entry = entries[schema(name)["$id"]]
        assert entry["description"] == schema(name)["description"]
        assert entry["name"].startswith("mbflow ")
        assert entry["fileMatch"] == [re.sub("^(!?)", r"\1**/", glob) for glob in globs[name]]
