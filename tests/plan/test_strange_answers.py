"""Whatever a service answers, a plan can be made of it, shown, saved and sent."""

import json

from builders import entry, flow, known, plan_of, say, wanted
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, json_values, strange_flows

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form
from mbflow.model.flow import LiveFlow
from mbflow.model.text import printable
from mbflow.plan.diff import diff, is_settled
from mbflow.plan.document import plan_json, read_plan
from mbflow.plan.match import match
from mbflow.plan.request_body import Naming, body_for_update
from mbflow.plan.secrets import hide_body
from mbflow.schema.validator import is_valid
from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown
from mbflow.views.text import json_text

FILE = flow(say("Hello."), title="Menu")
SECRETS = {"pin": "12345678"}

stranger_flows = st.builds(
    lambda body, rest: {**body, **rest},
    strange_flows,
    st.dictionaries(
        st.sampled_from(["id", "title", "default", "updatedAt", "record", "maxDuration", "_links"]),
        json_values,
        max_size=3,
    ),
)


@given(stranger_flows, st.sampled_from(["lock", "delete", "unmanaged", "title"]), st.booleans())
def test_a_plan_is_made_shown_and_saved(body, how, titles_hidden):
    live = LiveFlow("1", hide_body(body, SECRETS))
    files = [] if how == "delete" else [wanted("menu", FILE)]
    entries = {"menu": entry("1", FILE)} if how in ("lock", "delete") else {}
    found = known(*files, live, entries=entries, match_title=how == "title")
    matches = match(found)
    differences = diff(found, matches, secrets=SECRETS, titles_hidden=titles_hidden)
    plan = plan_of(*differences.changes, owned=1)
    document = json.loads(json_text(plan_json(plan)))
    assert is_valid("plan", document)
    assert read_plan(document) == plan
    assert all(printable(line) == line for line in plan_text(plan).splitlines())
    assert plan_markdown(plan).startswith("<!-- mbflow plan acme/production -->\n\n### mbflow plan")


@given(bodies(), stranger_flows)
def test_a_body_can_be_sent_in_its_place(body, found):
    sent = body_for_update(
        body, found, align(Form(found), Form(body)), Naming("acme", "production", "menu")
    )
    assert len(sent["steps"]) == len(body["steps"])


@given(bodies(), stranger_flows, st.booleans())
def test_it_is_settled_or_not(body, found, titles_hidden):
    live = LiveFlow("1", found)
    assert is_settled(wanted("menu", body), live, entry("1", body), titles_hidden) in (True, False)
