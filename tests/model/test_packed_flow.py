"""A packed flow is the flow that it was made of, whatever of it is asked for."""

import marshal

from hypothesis import given
from hypothesis import strategies as st
from strategies import strange_flows

from mbflow.model.flow import Flow, Settings

SETTINGS = [Settings(), Settings(True, "why", "old", ("one",), {"long-text": "a reason"})]


@given(strange_flows, strange_flows, st.booleans(), st.sampled_from(SETTINGS))
def test_a_packed_flow_says_the_same(raw, hidden, has_secrets, settings):
    flow = Flow("a/menu", "flows/a/menu.yaml", raw, hidden if has_secrets else raw, settings)
    carried = marshal.loads(marshal.dumps(flow.packed()))
    unpacked = Flow.unpacked(flow.name, flow.file, carried)
    for one, other in ((unpacked, flow), (unpacked.with_body(hidden), flow.with_body(hidden))):
        assert one == other
        assert (one.title, one.is_to_be_default) == (other.title, other.is_to_be_default)


def test_flows_differ_in_each_part():
    one = Flow("a", "a.yaml", {"title": "A"}, {"title": "A"})
    others = [
        Flow("b", "a.yaml", one.raw, one.body),
        Flow("a", "b.yaml", one.raw, one.body),
        Flow("a", "a.yaml", {}, one.body),
        one.with_body({}),
        Flow("a", "a.yaml", one.raw, one.body, SETTINGS[1]),
    ]
    assert all(one != other for other in others)
    assert repr(one) == "Flow('a')"
