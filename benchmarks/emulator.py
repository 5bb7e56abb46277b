"""How much `mbflow emulate` bears: requests a second, latencies and memory, under eight clients.

Fills an emulator with 10,000 call flows and 1,000 running calls, then asks it for thirty seconds
for a mixture of what clients ask for. Run it with

    python benchmarks/emulator.py [SECONDS [FLOWS [CALLS]]]

The clients run on the same machine, in one process of their own: the figures are a floor.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator

CLIENTS = 8
KEY = "benchmark"
HEADERS = {"Authorization": f"AccessKey {KEY}", "Content-Type": "application/json"}
SAY = {"payload": "For sales, press 1.", "language": "en-GB", "voice": "female"}
FLOW = {
    "title": "Support line",
    "steps": [
        {"action": "say", "options": SAY, "onKeypressGoto": "sales", "onKeypressVar": "choice"},
        {"action": "pause", "options": {"length": 20_000}},
        {"action": "hangup"},
        {"id": "sales", "action": "transfer", "options": {"destination": "31201234567"}},
    ],
}
CALL = {"source": "31201234567", "destination": "31612345678", "callFlow": {**FLOW, "record": True}}
MIXTURE = {
    "GET /calls/ID": 35,
    "GET /calls/ID/legs": 10,
    "GET /calls": 10,
    "GET /call-flows/ID": 20,
    "GET /call-flows": 10,
    "POST /calls": 5,
    "POST /call-flows": 5,
    "PUT /call-flows/ID": 5,
}
"""What is asked for, and how often out of a hundred times."""


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    seconds, flows, calls = (*given, *(30, 10_000, 1_000)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "emulator.db")
        ids = filled(database, flows, calls)
        command = [sys.executable, "-m", "mbflow", "emulate", "--database", str(database)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline().rpartition(":")[2])
            try:
                idle = memory(server.pid)
                report(*asked(port, ids, seconds), seconds)
                print(f"memory   {idle} MB idle, {memory(server.pid)} MB at most")
            finally:
                server.terminate()


def filled(database: Path, flows: int, calls: int) -> dict[str, list[str]]:
    """The ids of what is in the emulator, by the path of its kind."""
    import httpx

    emulator = Emulator(database)
    transport = EmulatorTransport(emulator)
    ids: dict[str, list[str]] = {"/call-flows": [], "/calls": []}
    with httpx.Client(base_url="http://emulator", transport=transport, headers=HEADERS) as api:
        for path, body, count in (("/call-flows", FLOW, flows), ("/calls", CALL, calls)):
            began = time.perf_counter()
            for _ in range(count):
                ids[path].append(api.post(path, json=body).json()["data"][0]["id"])
            print(f"{count:,} of {path} stored in {time.perf_counter() - began:.1f} s")
    emulator.close()
    return ids


def asked(port: int, ids: dict[str, list[str]], seconds: int) -> tuple[list[float], Counter[int]]:
    """Every latency in seconds, and how often each status came."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(clients, (port, ids, seconds))


def clients(port: int, ids: dict[str, list[str]], seconds: int) -> tuple[list[float], Counter[int]]:
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    threads = [
        threading.Thread(target=client, args=(port, ids, seconds, number, latencies, statuses))
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, statuses


def client(
    port: int,
    ids: dict[str, list[str]],
    seconds: int,
    number: int,
    latencies: list[float],
    statuses: Counter[int],
) -> None:
    draws = random.Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        (what,) = draws.choices(list(MIXTURE), list(MIXTURE.values()))
        method, path = what.split()
        kind = "/calls" if path.startswith("/calls") else "/call-flows"
        body = json.dumps(CALL if kind == "/calls" else FLOW)
        path = path.replace("ID", draws.choice(ids[kind]))
        connection.request(method, path, None if method == "GET" else body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        latencies.append(time.perf_counter() - began)
        statuses[answer.status] += 1
    connection.close()


def report(latencies: list[float], statuses: Counter[int], seconds: int) -> None:
    cuts = statistics.quantiles(latencies, n=1000)
    half, most, last = (1000 * cuts[place] for place in (499, 989, 998))
    print(f"requests {len(latencies) / seconds:,.0f} a second, under {CLIENTS} clients")
    print(f"latency  {half:.1f} ms in half of them, {most:.1f} ms p99, {last:.1f} ms p99.9")
    print(f"statuses {dict(statuses)}")


def memory(pid: int) -> int:
    """The most that a process has held, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peak) // 1024


if __name__ == "__main__":
    main()
