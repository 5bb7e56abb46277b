"""Values found and replaced by their path."""

import copy

from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies

from mbflow.model.paths import text_paths, value_at, with_value_at


@given(bodies(), st.data())
def test_what_is_put_somewhere_is_found_there_alone(body, data):
    before = copy.deepcopy(body)
    path = data.draw(st.sampled_from(list(text_paths(body, lambda text: True))))
    changed = with_value_at(body, path, "new")
    assert value_at(changed, path) == "new"
    assert with_value_at(changed, path, value_at(before, path)) == before == body


@given(bodies())
def test_every_text_is_found_once(body):
    paths = list(text_paths(body, lambda text: True))
    assert len(set(paths)) == len(paths)
    assert all(isinstance(value_at(body, path), str) for path in paths)
    assert list(text_paths(body, lambda text: False)) == []


def test_where_nothing_is():
    body = {"steps": [{"action": "say"}]}
    for path in (("x",), ("steps", 1), ("steps", "a"), ("steps", 0, "action", "x"), (0,)):
        assert value_at(body, path) is None
    assert value_at(body, ()) is body
