"""Which flows a lost create may have made: an index finds what comparing all of them finds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import MANY

from mbflow.flow.canonical import Form
from mbflow.model.flow import LiveFlow, with_title
from mbflow.plan.markers import Marker, account_bits, name_bits
from mbflow.plan.recovery import Search, candidates
from mbflow.state.journal import Intent

SEARCH = Search("acme", "production", {}, 30.0)
NAMES, TEXTS, TITLES = ["a", "b", "c"], ["One.", "Two."], ["", "Lobby", "Hall"]


def body(text, title):
    step = {"action": "say", "options": {"payload": text, "language": "en-GB", "voice": "male"}}
    return {**({"title": title} if title else {}), "steps": [step]}


def marked(flow, name):
    marker = str(Marker(account_bits("acme", "production"), name_bits(name), 0))
    return {**flow, "steps": [{"id": marker, **step} for step in flow["steps"]]}


@st.composite
def live_flows(draw):
    found = []
    for number in range(draw(st.integers(0, 6))):
        flow = body(draw(st.sampled_from(TEXTS)), draw(st.sampled_from(TITLES)))
        name = draw(st.sampled_from([None, None, None, *NAMES]))
        found.append(LiveFlow(str(number), flow if name is None else marked(flow, name)))
    return found


@st.composite
def intents(draw):
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        text, title = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(TITLES))
        known = draw(st.frozensets(st.sampled_from("012")))
        found.append(Intent(name, Form(body(text, title)).digest, title, 0.0, known))
    return found


def is_marked_as(flow, name):
    return flow.body == marked(body_without_ids(flow), name)


def body_without_ids(flow):
    steps = [{k: v for k, v in step.items() if k != "id"} for step in flow.body["steps"]]
    return {**flow.body, "steps": steps}


def plain(intent, live):
    """Every flow is looked at for every intent."""
    new = [flow for flow in live if flow.id not in intent.known_ids]
    own = [flow for flow in new if is_marked_as(flow, intent.name)]
    title = {"title": intent.title} if intent.title else {}
    bare = [flow for flow in new if "id" not in flow.body["steps"][0]]
    return own or [
        flow for flow in bare if Form(with_title(flow.body, title)).digest == intent.digest
    ]


@settings(max_examples=MANY)
@given(live=live_flows(), lost=intents())
def test_the_index_finds_what_a_comparison_of_all_finds(live, lost):
    found = candidates(SEARCH, lost, live)
    for intent in lost:
        ids = sorted(flow.id for flow in found[intent.name])
        assert ids == sorted(flow.id for flow in plain(intent, live))
