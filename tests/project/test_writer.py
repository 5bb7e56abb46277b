"""Law: what the writer wrote reads back as the same body, for mbflow and for YAML 1.1 readers."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mbflow.model.errors import Error
from mbflow.model.project import Variable
from mbflow.model.text import is_command
from mbflow.project.variables import escaped, fill
from mbflow.project.write import document_text, flow_text
from mbflow.project.yaml.document import read_yaml
from mbflow.schema.validator import sent_body

TRICKY = [
    *("1e3", "0o14", "014", "0612", "+31612345678", "12:30", "1:20:30", "yes", "No", "on", "off"),
    *("y", "n", "~", "null", "true", "", " ", "-", "- a", "? a", ":", "a: b", "a #b", "#", "*"),
    *("&a", "!a", "|", ">", "%", "@", "`", "a:", "{a}", "[a]", "'", '"', "\\", "0x1F", "1_000"),
    *("2001-12-14", "2001-12-14 21:59:43.10 -5", "0b11", ".5", "5.", "1.", ".inf", ".nan", "<<"),
    *("=", "...", "---", "--- a", "a\nb", "a\n", "a\n\n", "\na", " a\nb", "a \nb", "a\r\nb", "\t"),
    *("${x}", "$${x}", "$$${x}", "${", "$", "é", "😀", "\x85", "\u2028", "\ufeff", "\ufffe"),
    *(
        "a  b " * 40,
        "word " * 40,
        "word " * 40 + "x",
        "x" * 200,
        "a" * 90 + " # b",
        "https://a.b/c",
    ),
    *("one\n::error::x", "::error::x", "##[error]x", "a ###vso[x]", "a ##", "[b]", "a\n ##[x]\n"),
    *("word " * 16 + "::error::x", "word " * 16 + "##[error] x"),
]
texts = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.lists(st.sampled_from(["word", "a:", "#", "", "-", "\n", "${x}", "é"]), max_size=60).map(
        " ".join
    ),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
keys = st.one_of(st.sampled_from(["title", "payload", "y", "on", "1", "<<", "a b"]), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
steps = st.lists(st.dictionaries(keys, values, max_size=4), max_size=4)
OWNED = {"id", "createdAt", "updatedAt", "_links", "mbflow"}
bodies = st.dictionaries(keys.filter(lambda key: key not in OWNED), values, min_size=1).flatmap(
    lambda body: steps.map(lambda listed: {**body, "steps": listed})
)


def same(one, other):
    """Equal, types included: true is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(bodies)
@example({"title": "a" * 1200, "a" * 1200: "b", "steps": []})
def test_what_was_written_reads_back(body):
    text = flow_text(body, schema="../schemas/call-flow.schema.json")
    document = read_yaml(text.encode())
    assert document.problems == ()
    filled = fill(document.data, {"x": Variable("x", "wrong")}, unset="error")
    assert filled.problems == ()
    assert same(filled.raw, body)
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        loaded = yaml.load(text, loader)
        assert same(fill(loaded, {}, unset="error").raw, body)


@given(bodies)
@example({"steps": [{"a": ["x\n::error::x", {"##[error]x": "::x"}, ["word " * 16 + "::x ##[y]"]]}]})
def test_no_line_is_taken_for_a_command(body):
    assert not any(map(is_command, flow_text(body, schema=None).split("\n")))


@pytest.mark.parametrize("text", TRICKY)
def test_every_tricky_text_reads_back_as_itself(text):
    written = flow_text({"title": text, "steps": [{"action": text}]}, schema=None)
    for data in (read_yaml(written.encode()).data, yaml.safe_load(written)):
        assert fill(data, {}, unset="error").raw == {"title": text, "steps": [{"action": text}]}


def test_a_flow_is_written_for_people():
    body = {
        "steps": [
            {
                "onKeypressGoto": "sales",
                "options": {
                    "payload": "Welcome to Acme. For sales, press 1. For anything else, please "
                    "hold the line: a colleague will be with you soon.",
                    "language": "en-GB",
                    "voice": "female",
                    "repeat": 2,
                },
                "action": "say",
            },
            {"action": "say", "options": {"payload": "One.\nTwo.", "language": "en-GB"}},
            {
                "action": "transfer",
                "id": "sales",
                "options": {"destination": "447700900123"},
                "conditions": [{"variable": "choice", "operator": "==", "value": "1"}],
            },
            {"action": "hangup", "options": {}},
        ],
        "title": "Costs ${amount}",
        "record": False,
        "id": "never written",
        "_links": {"self": "/call-flows/x"},
    }
    block = {"protect": True, "was": "old/key", "exceptions": {"same-title": "both: one brand"}}
    schema = "../schemas/call-flow.schema.json"
    assert (
        document_text({"mbflow": block, **escaped(sent_body(body))}, schema=schema)
        == """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
title: Costs $${amount}
record: false
steps:
  - action: say
    options:
      payload: >-
        Welcome to Acme. For sales, press 1. For anything else, please hold the
        line: a colleague will be with you soon.
      language: en-GB
      voice: female
      repeat: 2
    onKeypressGoto: sales
  - action: say
    options:
      payload: |-
        One.
        Two.
      language: en-GB
  - id: sales
    action: transfer
    options:
      destination: "447700900123"
    conditions:
      - variable: choice
        operator: "=="
        value: "1"
  - action: hangup
    options: {}

mbflow:
  protect: true
  was: old/key
  exceptions:
    same-title: "both: one brand"
"""
    )


@pytest.mark.parametrize("value", ["\ud800", float("inf"), float("nan")])
def test_what_yaml_cannot_hold_is_refused(value):
    with pytest.raises(Error):
        flow_text({"title": value, "steps": []}, schema=None)
