"""Real payloads: what SDKs send is understood, and answers have the shapes of captured ones.

`fixtures/` holds requests and answers from the official SDKs' own tests and documentation.
"""

import json
import re
import uuid
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
OWNED = ("id", "createdAt", "updatedAt", "_links")


def payload(name):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def shape(value):
    """The value with every leaf replaced by what it is: a moment, a UUID, a path, a number."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, str):
        return text_shape(value)
    return type(value).__name__


def text_shape(text):
    if MOMENT.fullmatch(text):
        return "moment"
    if re.match(r"/[a-z]", text):
        return re.sub("[0-9a-f-]{36}", "ID", text)
    try:
        return f"uuid {uuid.UUID(text)}"[:4]
    except ValueError:
        return text


def without(value, *keys):
    """The value without these keys, at any depth."""
    if isinstance(value, dict):
        return {key: without(item, *keys) for key, item in value.items() if key not in keys}
    return [without(item, *keys) for item in value] if isinstance(value, list) else value


def sent(flow):
    """What a client had to send for this captured flow."""
    return without({key: flow[key] for key in flow.keys() - {*OWNED}}, "id")


@pytest.mark.parametrize(
    ("name", "only_there", "only_here"),
    [
        # 2017: before `default` existed.
        ("resp-callflow-create-csharp", (), ("default",)),
        ("resp-callflow-view-csharp", (), ("default",)),
        ("resp-callflow-update-csharp", (), ("default",)),
        # The PHP mock dresses a single answer as a list, and leaves `record` out.
        ("resp-callflow-create-php-titled", ("pagination", "_links"), ("record", "default")),
        ("resp-callflow-create-ruby", (), ()),
    ],
)
def test_a_single_flow_has_the_captured_shape(api, name, only_there, only_here):
    captured = payload(name)
    create = api.post("/call-flows", json=sent(captured["data"][0]))
    path = create.json()["_links"]["self"]
    update = api.put(path, json=sent(captured["data"][0]))
    for answer, status in ((create, 201), (update, 200), (api.get(path), 200)):
        assert answer.status_code == status
        ours = without(answer.json(), *only_here, *(["_links"] if "_links" in only_there else []))
        assert shape(ours) == shape(without(captured, *only_there))
        assert not without(answer.json(), *only_here).keys() & {"errors", "pagination"}


@pytest.mark.parametrize(
    ("name", "only_here"),
    [
        ("resp-callflow-list-csharp-titled", ("default",)),
        ("resp-callflow-list-python", ("default",)),
    ],
)
def test_a_list_of_flows_has_the_captured_shape(api, name, only_here):
    captured = payload(name)
    for flow in reversed(captured["data"]):
        assert api.post("/call-flows/", json=sent(flow)).status_code == 201
    ours = api.get("/call-flows/").json()
    assert shape(without(ours, *only_here)) == shape(captured)
    total = len(captured["data"])
    assert ours["pagination"] == {**captured["pagination"], "totalCount": total, "pageCount": 1}


def test_numbers_have_the_captured_shape(api):
    flow = api.post("/call-flows", json=payload("flow-021-go-say-pause-transfer-record"))
    path = f"{flow.json()['_links']['self']}/numbers"
    captured = payload("resp-callflow-numbers-list")
    api.post(path, json={"numbers": [captured["data"][0]["number"]]})
    assert shape(api.get(path).json()) == shape(captured)
    added = api.post(path, json=payload("request-callflow-numbers-add"))
    assert added.json()["pagination"]["totalCount"] == 2


def test_the_error_is_the_captured_one_to_the_letter(api):
    assert api.get("/call-flows/1").json() == payload("error-callflow-not-found")


def stored(api, body):
    answer = api.post("/call-flows", json=body)
    assert answer.status_code == 201, answer.text
    (flow,) = answer.json()["data"]
    assert api.get(answer.json()["_links"]["self"]).json()["data"] == [flow]
    return flow


def test_step_ids_of_the_documentations_sample_are_kept(api):
    body = payload("flow-001-transfer-then-hangup")
    flow = stored(api, body)
    assert {key: flow[key] for key in body} == body


def test_a_menu_with_conditions_comes_back_as_it_was_sent(api):
    body = payload("flow-050-ivr-menu-conditions")
    flow = stored(api, body)
    assert flow["id"] != body.pop("id")
    assert {key: flow[key] for key in body} == body


def test_java_sends_every_option_as_a_zero_on_every_step(api):
    body = payload("flow-030-java-say-zero-options")
    flow = stored(api, body)
    assert flow["steps"][0]["options"] == body["steps"][0]["options"]
    assert flow["maxDuration"] == 28800


def test_go_sends_zero_times_and_nanoseconds(api):
    body = payload("flow-021-go-say-pause-transfer-record")
    assert body["createdAt"] == "0001-01-01T00:00:00Z"
    say, _, _, record = (step["options"] for step in body["steps"])
    say["Repeat"] = 2
    record.update(maxLength=10_000_000_000, transcribeLanguage="", transcribe=False)
    flow = stored(api, body)
    assert MOMENT.fullmatch(flow["createdAt"])
    assert not flow["createdAt"].startswith("0001")
    assert flow["steps"][0]["options"]["repeat"] == 2
    assert "Repeat" not in flow["steps"][0]["options"]
    assert flow["steps"][3]["options"] == record


def test_dart_sends_null_for_all_that_the_service_fills_in(api):
    body = payload("call-create-014-dart")["callFlow"]
    assert body["id"] is body["steps"][0]["id"] is body["createdAt"] is None
    flow = stored(api, {**body, "default": None})
    assert (flow["title"], flow["record"], flow["default"]) == ("Say message", True, False)
    assert uuid.UUID(flow["steps"][0]["id"])


def test_php_sends_null_options_on_hangup(api):
    flow = stored(api, {"steps": [{"action": "hangup", "options": None}]})
    assert "options" not in flow["steps"][0]


def test_csharp_has_capitals_and_the_exact_spelling_wins(api):
    options = {"Payload": "Hi", "Language": "en-gb", "language": "nl-NL", "VOICE": "male"}
    flow = stored(api, {"Title": "Hello", "steps": [{"Action": "say", "Options": options}]})
    assert flow["title"] == "Hello"
    assert flow["steps"][0]["options"] == {"payload": "Hi", "language": "nl-NL", "voice": "male"}


def test_a_language_tag_is_kept_as_it_was_sent(api):
    flow = stored(api, payload("flow-015-say-language-lowercase"))
    assert flow["steps"][0]["options"]["language"] == "en-us"


def test_put_takes_an_id_and_refuses_to_do_without_steps(api):
    flow = stored(api, payload("flow-005-put-title-and-steps"))
    path = f"/call-flows/{flow['id']}"
    answer = api.put(path, json=payload("flow-004-put-with-id-and-title"))
    assert answer.json()["data"][0]["id"] == flow["id"]
    answer = api.put(path, json=payload("flow-008-put-title-only"))
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"message": "steps must be a list of at least one step.", "code": 10}
    ]


def test_what_the_service_answers_can_be_put_back(api):
    flow = stored(api, payload("flow-050-ivr-menu-conditions"))
    path = f"/call-flows/{flow['id']}"
    listed = api.get("/call-flows").json()["data"][0]
    for body in (flow, listed):
        (again,) = api.put(path, json=body).json()["data"]
        assert {**again, "updatedAt": flow["updatedAt"]} == flow


def test_every_fixture_is_used():
    files = Path(__file__).parent.glob("test_*payloads.py")
    tests = "".join(file.read_text(encoding="utf-8") for file in files)
    assert all(f'"{file.stem}"' in tests for file in FIXTURES.iterdir())
