"""The emulator serves its database and nothing else, however a file of the machine is asked for."""

import itertools
import socket
import sqlite3

import pytest

from .conftest import client

FLOW = {"title": "Welcome", "steps": [{"action": "hangup"}]}
OUT = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "/", "%00/", "%c0%ae%c0%ae/"]
BELOW = [
    "/",
    "/v1/",
    "/_emulator/",
    "/call-flows/",
    "/calls/x/legs/y/recordings/",
    "/calls/x/legs/y/recordings/z/transcriptions/",
]
SECRET = b"a file of the machine"


def asked(api, path):
    """What a socket gives for a path that no client has tidied."""
    place = (api.base_url.host, api.base_url.port)
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    with socket.create_connection(place, timeout=10) as end:
        end.sendall(f"{head}Authorization: {api.headers['Authorization']}\r\n\r\n".encode())
        answer = b""
        while part := end.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize("below", BELOW)
def test_no_path_leads_to_a_file(on_a_socket, tmp_path, monkeypatch, below):
    monkeypatch.chdir(tmp_path)
    api = on_a_socket()
    assert (tmp_path / "emulator.db").exists()
    for name in ("secret", "secret.wav", "secret.txt"):
        (tmp_path / name).write_bytes(SECRET)
    names = ["secret", "secret.wav", "secret.txt", "emulator.db", str(tmp_path / "secret")[1:]]
    for out, times, name in itertools.product(OUT, (0, 1, 9), names):
        answer = asked(api, below + out * times + name)
        assert answer.startswith((b"HTTP/1.1 40", b"HTTP/1.0 40")), (below, out, name, answer[:80])
        assert SECRET not in answer
        assert b"SQLite" not in answer


def test_no_text_of_a_request_is_a_statement(api):
    """Ids, keys and values are bound, never put together."""
    texts = ["' OR 1=1 --", "x'; DROP TABLE records; --", '"; ATTACH "x" AS y; --', "%", "_"]
    made = api.post("/call-flows", json=FLOW).json()["data"][0]
    for text in texts:
        assert api.get(f"/call-flows/{text}").status_code == 404
        assert api.delete(f"/call-flows/{text}").status_code == 404
        other = {"Authorization": f"AccessKey {text}"}
        assert api.get("/call-flows", headers=other).json()["data"] == []
        assert api.post("/call-flows", json={**FLOW, "title": text}).status_code == 201
    assert api.get(f"/call-flows/{made['id']}").json()["data"][0]["title"] == "Welcome"
    assert api.get("/call-flows").json()["pagination"]["totalCount"] == len(texts) + 1


def test_only_the_right_key_opens_and_none_that_is_like_it(emulate):
    right = "live_TheRightKey000000000"
    _, url = emulate("--access-key", right)
    for wrong in (right[:-1], f"{right}x", right.lower(), f"x{right}", "%", right[::-1]):
        with client(url) as api:
            headers = {"Authorization": f"AccessKey {wrong}"}
            assert api.get("/call-flows", headers=headers).status_code == 401
    with client(url) as api:
        headers = {"Authorization": f"AccessKey {right}"}
        assert api.get("/call-flows", headers=headers).status_code == 200


def test_the_key_is_not_in_the_database(tmp_path, emulate):
    right = "live_TheRightKey000000000"
    process, url = emulate("--access-key", right, "--database", str(tmp_path / "kept.db"))
    with client(url) as api:
        headers = {"Authorization": f"AccessKey {right}"}
        assert api.post("/call-flows", json=FLOW, headers=headers).status_code == 201
    process.terminate()
    process.communicate(timeout=30)
    connection = sqlite3.connect(tmp_path / "kept.db")
    (count,) = connection.execute("SELECT count(*) FROM records WHERE kind = 'flow'").fetchone()
    connection.close()
    assert count == 1
    assert not any(right.encode() in path.read_bytes() for path in tmp_path.glob("kept.db*"))
