"""What a live flow holds that mbflow has no name for."""

from builders import flow, say, when
from hypothesis import given
from strategies import bodies, strange_flows

from mbflow.flow.canonical import canonical, same
from mbflow.flow.vocabulary import unknown_paths


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


def test_an_option_of_another_action_counts_where_it_holds_something():
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
