"""Every endpoint, asked in odd ways: refusals that every SDK reads, in words for people."""

import json
import re

import pytest

from mbflow.emulator.control import CONTROLS
from mbflow.emulator.openapi import path_of
from mbflow.emulator.routes import ROUTES

from .telephone import HANGUP, NOBODY, Time, items, legs, pause, record, recordings, start

READ_BY_ALL = {401, 404, 405, 422}
"""The statuses whose body the SDKs for Python and Ruby read."""
READ_OTHERWISE = {20, 25}
"""Codes that mean something else to the SDKs for PHP and C#."""
OF_PYTHON = re.compile(
    r"<class|0x[0-9a-f]{6}|Traceback|Error\b|Exception|NoneType|Errno|\b(?:None|True|False|dict|str)\b"
    r"|char \d|utf-8-sig|Expecting|delimiter|\\x"
)
KEYS = ["steps", "title", "record", "default", "source", "destination", "callFlow", "webhook"]
KEYS += ["url", "token", "numbers", "language", "from", "to", "does", "outcome", "rings", "talks"]
KEYS += ["advance", "faults", "seed"]
VALUES = [None, [], {}, "", "x", True, -1, 2**62, 1.5, [None], {"a": [{}]}, "{", "http://[::1"]
BODIES = [b"", b" ", b"{", b"[]", b"null", b'"x"', b'{"a":1,"a":2}', b"\xef\xbb\xbf{}", b"\xff"]
BODIES += [b'{"a":NaN}', b'{"a":1e999}', b"{'a':1}", b'{"a":"\\x"}', b'{"a":1,}', b"[" * 100]
BODIES += [json.dumps(dict.fromkeys(KEYS, value)).encode() for value in VALUES]
PATHS = sorted({path_of(route) for route in ROUTES} | {f"/_emulator/{name}" for name in CONTROLS})


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A client, and the ids of one object of every kind."""
    from mbflow.api.emulator_transport import EmulatorTransport
    from mbflow.emulator.app import Emulator

    from .conftest import client

    time = Time()
    emulator = Emulator(tmp_path_factory.mktemp("refusals") / "emulator.db", clock=time)
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        flow = api.post("/call-flows", json={"steps": [HANGUP]}).json()["data"][0]["id"]
        numbers = {"numbers": ["31612345678"]}
        number = api.post(f"/call-flows/{flow}/numbers", json=numbers).json()["data"][0]["id"]
        hook = api.post("/webhooks", json={"url": "http://127.0.0.1:1/"}).json()["data"][0]["id"]
        step = record(timeout=1, transcribe=True, transcribeLanguage="en-US")
        call = start(api, step, pause(3600))
        time.at(60)
        (recording,) = recordings(api, call)
        (text,) = items(api, f"/recordings/{recording['id']}/transcriptions")
        yield (
            api,
            {
                "flow": flow,
                "number": number,
                "webhook": hook,
                "call": call.removeprefix("/calls/"),
                "leg": legs(api, call)[0]["id"],
                "recording": recording["id"],
                "transcription": text["id"],
                "destination": "31687654321",
            },
        )
    emulator.close()


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_request_is_refused_so_that_all_can_read_it(world, path):
    api, ids = world
    unknown = {name: NOBODY for name in ids}
    for known in (ids, unknown):
        place = path.format(**known).replace("NUMBER", "31612345678")
        for method in ("PATCH", "OPTIONS", "HEAD", "BREW", "GET"):
            judge(api.request(method, f"{place}?page=x&perPage=-1"), method)
            judge(api.request(method, f"{place}/"), method)
        for method in ("POST", "PUT"):
            for body in BODIES:
                judge(api.request(method, place, content=body), method)
    judge(api.delete(path.format(**unknown), headers={"Authorization": "Bearer x"}), "DELETE")
    judge(api.delete(path.format(**unknown)), "DELETE")


def judge(answer, method):
    if answer.is_success:
        return
    assert answer.status_code in READ_BY_ALL, answer.text
    if method == "HEAD":
        return
    assert answer.headers["Content-Type"] == "application/json"
    for error in answer.json()["errors"]:
        assert error["code"] not in READ_OTHERWISE
        assert not OF_PYTHON.search(error["message"]), error["message"]
        assert re.fullmatch(r"[A-Za-z`].*[.)]", error["message"]), error["message"]
