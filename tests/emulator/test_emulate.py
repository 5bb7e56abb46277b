"""`mbflow emulate` as a process: its address, its end, and what outlives it."""

import signal
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import processes
import pytest
from api.cli import runner
from click.testing import CliRunner

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.cli.verbs.emulate import command
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import KINDS, Fault, parse_fault
from mbflow.emulator.quirks import Quirk

from .conftest import client

ENDS = [signal.SIGTERM, signal.SIGINT]
FLOW = {"title": "Welcome", "steps": [{"action": "hangup"}]}


def run(*arguments):
    return processes.run(["-m", "mbflow", "emulate", *arguments], cwd=Path.cwd())


def test_the_first_line_is_the_address_for_any_key(emulate):
    _, url = emulate()
    with client(url) as api:
        assert url.startswith("http://127.0.0.1:")
        assert api.post("/call-flows", json=FLOW).status_code == 201
        assert api.get("/call-flows").json()["pagination"]["totalCount"] == 1
        other = {"Authorization": "AccessKey another"}
        assert api.get("/call-flows", headers=other).json()["data"] == []


@pytest.mark.parametrize("number", ENDS)
def test_signals_stop_it_cleanly(emulate, number):
    process, url = emulate()
    with client(url) as api:
        api.post("/call-flows", json=FLOW)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == ""
    assert err == "Everything is lost when it stops; --database FILE keeps it.\n"
    with pytest.raises(httpx.ConnectError), client(url) as api:
        api.get("/call-flows")


def test_it_serves_on_when_nobody_reads_what_it_says(emulate, tmp_path):
    """A script that reads the address and no more: what it says then goes nowhere."""
    path = tmp_path / "calls.db"
    emulator = Emulator(path)
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        for _ in range(20):
            api.post("/call-flows", json=FLOW)
    emulator.close()
    process, url = emulate("--database", str(path))
    content = path.read_bytes()
    path.write_bytes(content[:16384] + b"\xa5" * (len(content) - 16384))
    process.stdout.close()
    process.stderr.close()
    with client(url) as api:
        for _ in range(3):
            assert api.get("/call-flows").status_code == 500, "which it says on standard error"
        assert api.get("/nothing").status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("number", [*ENDS, signal.SIGHUP, signal.SIGKILL])
def test_however_it_ends_no_file_stays_behind(emulate, tmp_path, monkeypatch, number):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process, url = emulate()
    with client(url) as api, ThreadPoolExecutor(8) as pool:
        told = [pool.submit(api.post, "/call-flows", json=FLOW) for _ in range(20)]
        assert {answer.result().status_code for answer in told} == {201}
        assert api.get("/call-flows").json()["pagination"]["totalCount"] == 20
    assert list(tmp_path.iterdir()) == []
    process.send_signal(number)
    process.communicate(timeout=30)
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_fails_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert run("--host", "no.such.host.invalid").returncode == 1
    assert run("--quirk", "nonsense").returncode == 64
    assert list(tmp_path.iterdir()) == []


def test_slashes_too_many_are_named_as_they_were_asked(emulate):
    """Through a socket: clients and servers take a path with two slashes for a host."""
    _, url = emulate()
    host, _, port = url.removeprefix("http://").partition(":")
    for path in ("//call-flows", "/v1//call-flows", "//", "///x?a=//b", "//x%20y/"):
        head = f"GET {path} HTTP/1.0\r\nAuthorization: AccessKey key\r\n\r\n"
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode())
            answer = b"".join(iter(partial(connection.recv, 4096), b""))
        assert answer.startswith(b"HTTP/1.0 404 ")
        asked = path.partition("?")[0].replace("%20", " ")
        assert f"There is nothing at `{asked}`.".encode() in answer


def test_a_request_in_flight_is_answered_before_the_end(emulate):
    process, url = emulate("--fault", "POST * latency=1 after")
    with client(url) as api, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(api.post, "/call-flows", json=FLOW)
        while not api.get("/call-flows").json()["data"]:
            pass
        process.terminate()
        assert answer.result(timeout=30).status_code == 201
    assert process.wait(timeout=30) == 0


def test_stored_flows_survive_kill_9(emulate, tmp_path):
    database = tmp_path / "flows.db"
    process, url = emulate("--database", str(database))
    kept = []
    with client(url) as api:
        for _ in range(50):
            kept.append(api.post("/call-flows", json=FLOW).json()["data"][0])
        api.delete(f"/call-flows/{kept.pop()['id']}")
        process.kill()
        process.wait(timeout=30)
    assert process.returncode == -signal.SIGKILL
    _, url = emulate("--database", str(database))
    with client(url) as api:
        listed = api.get("/call-flows?perPage=100").json()["data"]
    assert [flow["id"] for flow in listed] == [flow["id"] for flow in reversed(kept)]


def test_killed_amid_a_write_it_keeps_what_it_acknowledged(emulate, tmp_path):
    database = tmp_path / "flows.db"
    process, url = emulate("--database", str(database), "--fault", "POST * reset after nth=20")
    acknowledged = set()
    with client(url) as api, pytest.raises(httpx.ReadError):
        while True:
            acknowledged.add(api.post("/call-flows", json=FLOW).json()["data"][0]["id"])
    process.kill()
    process.wait(timeout=30)
    _, url = emulate("--database", str(database))
    with client(url) as api:
        stored = {flow["id"] for flow in api.get("/call-flows?perPage=100").json()["data"]}
    assert stored > acknowledged
    assert (len(acknowledged), len(stored)) == (19, 20)
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_options_reach_the_emulator(emulate):
    _, url = emulate(
        *("--access-key", "one", "--access-key", "two"),
        *("--quirk", "empty-list-null", "--quirk", "list-without-titles"),
        *("--fault", "DELETE * 503", "--seed", "4"),
    )
    with client(url) as api:
        assert api.get("/call-flows").status_code == 401
        api.headers["Authorization"] = "AccessKey two"
        assert api.get("/call-flows").json()["data"] is None
        assert api.delete("/call-flows/1").status_code == 503


def test_the_keys_are_in_no_output(emulate):
    process, url = emulate("--access-key", "very-secret")
    with client(url) as api:
        for key in ("very-secret", "not-it"):
            api.get("/call-flows", headers={"Authorization": f"AccessKey {key}"})
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert "secret" not in out + err


def test_quirks_and_faults_are_listed_within_80_columns():
    quirks, faults = run("--list-quirks"), run("--list-faults")
    assert (quirks.returncode, faults.returncode) == (0, 0)
    assert quirks.stdout.count("\n") >= len(Quirk)
    for name in Quirk:
        assert f"{name.value}  " in quirks.stdout
    for name in KINDS:
        assert f"\n{name}  " in f"\n{faults.stdout}"
    assert '--fault "METHOD PATH-GLOB KIND[=ARG] [before|after] [nth=N|p=0.1]"' in faults.stdout
    example = faults.stdout.splitlines()[-1].partition('"')[2].removesuffix('"')
    assert parse_fault(example) == Fault("POST", "/call-flows", "503", after=True, nth=1)
    assert max(map(len, (quirks.stdout + faults.stdout).splitlines())) < 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--quirk", "nonsense"), "Error: There is no quirk named nonsense.\n"),
        (("--fault", "GET * explode"), "Error: The fault `GET * explode` cannot be read: "),
        (("--port", "99999"), "Invalid value for '--port'"),
        (("--seed", "x"), "Invalid value for '--seed'"),
    ],
)
def test_wrong_usage_is_64_and_says_why(arguments, message):
    ended = run(*arguments)
    assert ended.returncode == 64
    assert message in ended.stderr
    assert ended.stdout == ""


def test_a_port_that_is_taken_is_an_error_with_a_way_out(emulate):
    _, url = emulate()
    ended = run("--port", url.rpartition(":")[2])
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.endswith(
        f"Error: The emulator cannot listen on 127.0.0.1, port {url.rpartition(':')[2]}:"
        " Address already in use.\n"
        "  Name another port with --port, or 0 to have one picked.\n"
    )


def test_a_host_that_does_not_exist_is_an_error():
    ended = run("--host", "no.such.host.invalid")
    assert ended.returncode == 1
    assert "cannot listen on no.such.host.invalid, port 0" in ended.stderr
    assert "Name an address of this machine with --host" in ended.stderr


@pytest.mark.parametrize("key", ["", "a b", "é"])
def test_a_key_that_no_request_could_hold_is_refused(key):
    ended = CliRunner().invoke(command, ["--access-key", key])
    assert ended.exception.summary.startswith("The access key in --access-key cannot be used")


def test_a_job_reaches_an_emulator_beside_it(emulate, tmp_path, capsys, monkeypatch):
    """Not at a loopback address, and with a key."""
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", "key-for-the-emulator")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    _, url = emulate("--host", "0.0.0.0", "--access-key", "key-for-the-emulator")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.yaml").write_text("title: A\nsteps: [{action: hangup}]\n")
    project = tmp_path / "mbflow.yaml"
    stated = f"project: acme\nenvironments:\n  ci: {{endpoint: '{url}'%s}}\n"
    mbflow = runner(capsys, tmp_path)
    project.write_text(stated % "")
    refused = mbflow("apply", "--auto-approve")
    assert refused.code == 1
    assert "add allow_http: true to this environment" in refused.out + refused.err
    project.write_text(stated % ", allow_http: true")
    assert mbflow("apply", "-e", "ci", "--auto-approve").code == 0
    assert mbflow("plan", "-e", "ci", "--detailed-exitcode").code == 0


def test_a_host_that_others_can_reach_is_warned_about(emulate):
    process, url = emulate("--host", "0.0.0.0")
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert url.startswith("http://0.0.0.0:")
    assert "Warning: other machines can reach this address.\n" in err


def test_an_unusable_database_is_an_error_with_a_way_out(tmp_path):
    folder = run("--database", str(tmp_path / "nowhere" / "flows.db"))
    assert folder.returncode == 1
    assert "cannot be used" in folder.stderr
    assert "unable to open database file" in folder.stderr
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    foreign = run("--database", str(tmp_path / "letter.txt"))
    assert foreign.returncode == 1
    assert "is damaged, or is no database" in foreign.stderr
    assert (tmp_path / "letter.txt").read_text().startswith("Dear Sir")


def test_help_is_quick_to_start():
    script = (
        "import sys; from mbflow.cli.main import exit_code_of\nexit_code_of(['emulate', '--help']);"
    )
    script += "print(sorted({'httpx', 'waitress', 'werkzeug', 'sqlite3'} & sys.modules.keys()))"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"
    assert "--list-quirks" in ended.stdout
