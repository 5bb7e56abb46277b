"""The OpenAPI document, and the emulator held against it by schemathesis.

`python tests/emulator/test_openapi.py` writes the document anew.
"""

import json
import re
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from mbflow.emulator.openapi import openapi, openapi_text, path_of
from mbflow.emulator.routes import ROUTES

FILE = Path(__file__).parents[2] / "schemas" / "openapi.json"
LABELS = [f"{route.method} {path_of(route)}" for route in ROUTES]


def test_the_document_is_up_to_date():
    is_same = FILE.read_text(encoding="utf-8") == openapi_text()
    assert is_same, "schemas/openapi.json is old: run python tests/emulator/test_openapi.py"


def test_every_endpoint_stands_in_it_once():
    document = openapi()
    found = [
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    ]
    assert sorted(found) == sorted(LABELS)
    names = [op["operationId"] for ops in document["paths"].values() for op in ops.values()]
    assert len(set(names)) == len(names)
    references = set(re.findall('"#/components/schemas/([A-Za-z]+)"', json.dumps(document)))
    assert references == document["components"]["schemas"].keys()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    """The address of an emulator, and ids of what is in it."""
    import httpx

    from mbflow.emulator.app import Emulator
    from mbflow.emulator.server import Server

    from .conftest import client

    with ExitStack() as stack:
        database = tmp_path_factory.mktemp("openapi") / "emulator.db"
        app = Emulator(database, time_factor=1000)
        stack.callback(app.close)
        server = Server(app, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        api = stack.enter_context(client(server.url))
        assert isinstance(api, httpx.Client)
        yield server.url, lambda: known_ids(api)


def known_ids(api):
    """Fresh objects of every kind, since the requests before may have deleted the last ones."""
    from .telephone import items, pause, record, start
    from .web_server import eventually

    flow = api.post("/call-flows", json={"steps": [pause(1)]}).json()["data"][0]["id"]
    numbers = {"numbers": ["31612345678"]}
    number = api.post(f"/call-flows/{flow}/numbers", json=numbers).json()["data"][0]["id"]
    call = start(api, record(timeout=1, transcribe=True, transcribeLanguage="en-US"), pause(28000))
    (leg,) = eventually(lambda: items(api, f"{call}/legs"))

    def done():
        found = items(api, f"{call}/legs/{leg['id']}/recordings")
        return [one for one in found if one["status"] == "done"]

    (recording,) = eventually(done)
    path = f"/recordings/{recording['id']}/transcriptions"
    (text,) = items(api, path)
    for hook in items(api, "/webhooks"):
        api.delete(f"/webhooks/{hook['id']}")
    hook = api.post("/webhooks", json={"url": "http://127.0.0.1:1/"}).json()["data"][0]["id"]
    return {
        "flow": flow,
        "number": number,
        "call": call.removeprefix("/calls/"),
        "leg": leg["id"],
        "recording": recording["id"],
        "transcription": text["id"],
        "webhook": hook,
        "destination": "31687654321",
    }


@pytest.fixture(scope="module")
def operations():
    """By its label, what schemathesis makes of each operation."""
    import schemathesis

    found = schemathesis.openapi.from_dict(openapi()).get_all_operations()
    return {one.ok().label: one.ok() for one in found}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("label", LABELS)
def test_the_emulator_keeps_to_the_document(emulator, operations, label):
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    from .conftest import KEY

    url, known = emulator
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
    ]
    seen = []

    def check(case):
        answer = case.call(base_url=url, headers={"Authorization": f"AccessKey {KEY}"})
        seen.append(answer.status_code)
        case.validate_response(answer, checks=checks)

    @given(case=operations[label].as_strategy())
    @settings(
        max_examples=max(2, settings.default.max_examples // 12),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def drawn(case):
        check(case)
        if case.path_parameters:
            ids = known()
            case.path_parameters = {name: ids[name] for name in case.path_parameters}
            check(case)

    drawn()
    assert any(200 <= status < 300 for status in seen) or "/hold" in label, seen


if __name__ == "__main__":
    FILE.write_text(openapi_text(), encoding="utf-8")
