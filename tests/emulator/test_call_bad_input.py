"""Whatever a client sends about calls, the answer is documented, never a traceback."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbflow.model.text import listed

from .telephone import HANGUP, NOBODY, record, start
from .test_bad_input import refusal

MALFORMED = [
    b"",
    b"{",
    b"\xff",
    b'{"a":"\\ud800"}',
    b'{"a":1,"a":2}',
    b'{"a":NaN}',
    b"[" * 60_000,
    b'"' + b"a" * 65_536 + b'"',
]
WRITES = [
    ("POST", "/calls"),
    ("PUT", "{call}"),
    ("POST", "/webhooks"),
    ("PUT", "{hook}"),
    ("POST", "/_emulator/calls"),
    ("PUT", "/_emulator/destinations/3161"),
    ("POST", "/recordings/{recording}/transcriptions"),
]
EDGES = st.sampled_from(
    [2**62, -1, 0, 1e300, "", "é", "\x00", "316", HANGUP, [HANGUP], {"steps": [HANGUP]}, "{}"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5) | EDGES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = {
    **{name: JSON for name in ("source", "destination", "callFlow", "webhook", "url", "token")},
    **{name: JSON for name in ("from", "to", "does", "outcome", "rings", "talks", "language")},
}
BODIES = JSON | st.fixed_dictionaries({}, optional=KEYS)


@pytest.fixture
def known(in_process):
    """A client, and paths of a running call, a webhook and a recording."""
    now = [1e9]
    api = in_process(clock=lambda: now[0])
    call = start(api, record(timeout=1), record())
    hook = api.post("/webhooks", json={"url": "http://127.0.0.1:1/"}).json()["_links"]["self"]
    now[0] += 5
    leg = api.get(f"{call}/legs").json()["data"][0]["_links"]["self"]
    recording = api.get(f"{leg}/recordings").json()["data"][-1]["id"]
    return api, {"call": call, "hook": hook, "recording": recording}


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_malformed_body_is_422(known, method, path):
    api, names = known
    for content in MALFORMED:
        if content == b"" and "transcriptions" in path:
            continue
        answer = api.request(method, path.format(**names), content=content)
        refusal(answer, 422)


@pytest.mark.parametrize(("method", "path"), WRITES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_json_is_taken_or_refused(known, method, path, body):
    api, names = known
    answer = api.request(method, path.format(**names), content=json.dumps(body).encode())
    if answer.status_code not in (200, 201):
        assert answer.status_code in (404, 422), answer.text
        refusal(answer, answer.status_code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/calls"),
        ("DELETE", "/calls"),
        ("POST", "{call}"),
        ("PUT", "{call}/legs"),
        ("GET", "/legs/x/hold"),
        ("POST", "/recordings/x.wav"),
        ("PUT", "/webhooks"),
        ("GET", "/_emulator/calls"),
        ("POST", "/_emulator/deliveries"),
    ],
)
def test_a_wrong_method_is_405(known, method, path):
    api, names = known
    answer = api.request(method, path.format(**names))
    told = refusal(answer, 405)
    allowed = answer.headers["Allow"].split(", ")
    assert method not in allowed
    shown = listed([name for name in allowed if name != "HEAD"], last="and")
    assert told == f"`{path.format(**names)}` takes {shown}, not {method}."


@pytest.mark.parametrize(
    "path",
    [
        "/calls/a/b/c",
        "/call",
        "{call}/legs/x/y",
        "{call}/recordings",
        "/legs",
        "/legs/x",
        "/recordings",
        "/transcriptions",
        "/recordings/x.mp3.wav/y",
        "/_emulator/calls/x",
        "/_emulator/destinations",
    ],
)
def test_an_unknown_path_is_404_or_a_wrong_method(known, path):
    api, names = known
    answer = api.get(path.format(**names))
    refusal(answer, 404 if path != "/legs/x" else 405)


@pytest.mark.parametrize("query", ["page=x", "perPage=-1", "limit=1.5", "offset=%00"])
@pytest.mark.parametrize("path", ["/calls", "{call}/legs", "/webhooks"])
def test_bad_paging_is_422(known, path, query):
    api, names = known
    refusal(api.get(f"{path.format(**names)}?{query}"), 422)


def test_a_missing_key_is_401_everywhere(known):
    api, names = known
    for method, path in [*WRITES, ("GET", "/calls"), ("GET", "/recordings/{recording}.wav")]:
        answer = api.request(method, path.format(**names), headers={"Authorization": ""})
        refusal(answer, 401)


def test_values_at_the_far_end_do_no_harm(in_process):
    """The longest call of all, much faster than the clock, to the end of the calendar."""
    api = in_process(time_factor=100_000)
    flow = {"maxDuration": 2**62}
    endless = {"action": "pause", "options": {"length": 2**62}}
    call = start(api, endless, flow=flow)
    for _ in range(40):
        assert api.post("/_emulator/clock", json={"advance": 366 * 86_400}).status_code == 200
    assert api.get(call).json()["data"][0]["status"] == "ongoing"
    assert api.get(f"{call}/legs").json()["data"][0]["duration"] > 10**12
    assert api.delete(call).status_code == 204
    assert api.get(call).json()["data"][0]["endedAt"] == "9999-12-31T23:59:59Z"
    assert api.get(f"/calls/{NOBODY}").status_code == 404
