"""Edited texts: what is new is written as its neighbours are, and all else stays."""

import pytest

from mbflow.project.format import formatted
from mbflow.project.write import flow_order
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.edit import edited_text
from mbflow.project.yaml.tree_reader import tree_of


def edited(text, change, origins=None):
    data = read_yaml(text.encode()).data
    change(data)
    new = edited_text(tree_of(text), data, flow_order, origins or {})
    assert read_yaml(new.encode()).data == data
    return new


WIDE = """\
steps:
{dash}- action: say
{dash}  options:
{dash}      payload: Hi.
{dash}      # language: nl-NL
"""
CONDITION = {"variable": "dtmf", "operator": "==", "value": "1"}


@pytest.mark.parametrize("dash", ["", "  ", "    "])
def test_a_new_step_is_indented_as_the_others_are(dash):
    def change(data):
        options = {"payload": "One\nTwo"}
        step = {"action": "say", "options": options, "conditions": [CONDITION]}
        data["steps"].append(step)

    text = WIDE.format(dash=dash)
    new = f"""\
{dash}- action: say
{dash}  options:
{dash}      payload: |-
{dash}          One
{dash}          Two
{dash}  conditions:
{dash}  {dash}- variable: dtmf
{dash}  {dash}  operator: "=="
{dash}  {dash}  value: "1"
"""
    assert edited(text, change, {("steps",): [0, None]}) == text + new


def test_what_is_nearer_tells_the_indentation():
    before = "a:\n  b:\n    c: 1\nd:\n    e:\n        f: 1\n    g: 1\n"
    after = before.replace("g: 1", "g:\n        h: 2")
    assert edited(before, lambda data: data["d"].update(g={"h": 2})) == after


def test_a_new_key_at_the_end_stands_below_the_comments_there():
    def change(data):
        data["steps"][0]["options"]["zone"] = "eu"

    text = WIDE.format(dash="  ")
    assert edited(text, change) == f"{text}        zone: eu\n"


@pytest.mark.parametrize("nothing", ["", " {}", " []"])
@pytest.mark.parametrize("new", [{"b": 1}, [1]])
def test_a_key_with_nothing_is_filled_below_its_comments(nothing, new):
    lines = "    b: 1\n" if isinstance(new, dict) else "    - 1\n"
    before = f"x:\n  a:{nothing} # why\n    # more\n\n  # next\n  c: 1\n"
    after = f"x:\n  a: # why\n    # more\n{lines}\n  # next\n  c: 1\n"
    assert edited(before, lambda data: data["x"].update(a=new)) == after


def test_a_key_with_its_question_mark_keeps_its_colon():
    before = "x:\n- ? a # b\n  # c\n  : d: 1\n    e: 2\n"
    assert edited(before, lambda data: data["x"][0]["a"].update(e=3)) == before.replace("2", "3")
    without = before.replace("  # c\n", "").replace("d: 1\n    ", "")
    assert edited(before, lambda data: data["x"][0]["a"].pop("d")) == without


@pytest.mark.parametrize("head", ["| # a - b", "&a-b |"])
def test_a_text_at_the_end_of_the_file_stays_the_same_text(head):
    def change(data):
        data["y"] = 2

    for text in (f"y: 1\nx: {head}\n  text", f"x: {head}\n  text"):
        edited(text, change)


def test_comments_of_a_key_with_nothing_stay_below_it():
    source = b"a:  # why\n  # more\nb: []\n  # none yet\nc: 1\n"
    assert formatted(source, is_flow=False) == (source, ())
    brackets = b"b: [\n # none yet\n]\nc: 1\n"
    assert formatted(brackets, is_flow=False) == (b"b: []\n  # none yet\nc: 1\n", ())


def test_each_line_keeps_its_own_end():
    before = "a: 1\r\nb: 2 # c\nc: 3\r"
    after = before.replace("2", "4").replace("3", "5")
    assert edited(before, lambda data: data.update(b=4, c=5)) == after
