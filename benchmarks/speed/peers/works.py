"""Each peer's command on its own input of the same size, with one item in a hundred changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.speed.checkout import Checkout
from benchmarks.speed.measure import CommandFailure, Results, run, usual_environ
from benchmarks.speed.peers import admin_api
from benchmarks.speed.peers.install import NotInstalled, debian_program, python_with, version
from benchmarks.speed.service import ROOT, server

COMPOSER = "PyYAML composer, one core"
CHECK = "check-jsonschema"
DECK = "deck diff, 1 % changed"
OCTODNS = "octodns plan, 1 % changed"
SCRIPT = "plain script, 1 % changed"
WHO = "peer"
_HERE = Path(__file__).parent
_SCHEMA = str(ROOT / "schemas" / "call-flow.schema.json")
_A_ZONE = 1000


@dataclass(frozen=True, slots=True)
class PeerWork:
    """One command of a peer."""

    name: str
    command: Sequence[str]
    about: str
    """Its version."""
    environ: Mapping[str, str] | None = None
    is_floor: bool = False
    """On one core, and it prints its own times."""


@dataclass(slots=True)
class Peers:
    """Those that can be had here, ready to be measured, and why the others cannot."""

    works: list[PeerWork] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    """Name to why."""

    def measure(self, results: Results, size: str) -> None:
        """One sample of each, but for those that take too long to be measured again."""
        for work in self.works:
            key = (work.name, size, WHO)
            if results.is_done(*key):
                continue
            try:
                sample = run(
                    work.command,
                    environ=work.environ,
                    one_core=work.is_floor,
                    prints_times=work.is_floor,
                )
            except CommandFailure as failure:
                results.failures[key] = str(failure)
            else:
                results.add(*key, sample)


def open_peers(stack: ExitStack, folder: Path, files: Checkout, live: Checkout) -> Peers:
    """All peers on the flows of `files`; the script compares them with the account of `live`."""
    peers = Peers()
    makers: dict[str, Callable[[], PeerWork]] = {
        COMPOSER: lambda: _composer(files),
        CHECK: lambda: _check(files),
        DECK: lambda: _deck(stack, folder / "deck", files.count),
        OCTODNS: lambda: _octodns(folder / "octodns", files.count),
        SCRIPT: lambda: _script(files, live),
    }
    for name, make in makers.items():
        try:
            peers.works.append(make())
        except NotInstalled as trouble:
            peers.missing[name] = str(trouble)
    return peers


def _composer(files: Checkout) -> PeerWork:
    command = [sys.executable, str(_HERE / "compose.py"), str(files.root / "flows")]
    return PeerWork(COMPOSER, command, "of this environment", is_floor=True)


def _check(files: Checkout) -> PeerWork:
    program = str(python_with("check-jsonschema", "check-jsonschema") / "check-jsonschema")
    paths = [str(path) for path in sorted((files.root / "flows").rglob("*.yaml"))]
    return PeerWork(
        CHECK, [program, "--schemafile", _SCHEMA, *paths], version([program, "--version"])
    )


def _deck(stack: ExitStack, folder: Path, count: int) -> PeerWork:
    program = str(debian_program("deck"))
    folder.mkdir(parents=True)
    state = folder / "kong.yaml"
    state.write_text("".join(_services(count)))
    url = stack.enter_context(server([sys.executable, str(_HERE / "admin_api.py"), str(count)]))
    command = [program, "diff", "--state", str(state), "--kong-addr", url]
    return PeerWork(DECK, command, version([program, "version"]))


def _services(count: int) -> Iterator[str]:
    yield '_format_version: "1.1"\nservices:\n'
    for number in range(count):
        lines = admin_api.service(number, int(number % 100 == 0)).items()
        yield "- " + "  ".join(f"{name}: {value}\n" for name, value in lines)


def _octodns(folder: Path, count: int) -> PeerWork:
    programs = python_with("octodns", "octodns")
    (folder / "zones").mkdir(parents=True)
    zones = [f"zone{number}.example.com." for number in range(max(1, count // _A_ZONE))]
    live = {}
    for zone in zones:
        numbers = range(min(count, _A_ZONE))
        live[zone] = {name: record for name, record in (_record(number) for number in numbers)}
        text = "".join(_record_text(*_record(n, int(n % 100 == 0))) for n in numbers)
        (folder / "zones" / f"{zone}yaml").write_text(f"---\n{text}")
    (folder / "live.json").write_text(json.dumps(live))
    config = folder / "config.yaml"
    config.write_text(json.dumps(_octodns_config(folder, zones)))
    program = str(programs / "octodns-sync")
    command = [program, "--config-file", str(config)]
    environ = {**usual_environ(), "PYTHONPATH": str(_HERE)}
    return PeerWork(OCTODNS, command, version([program, "--version"]), environ)


def _octodns_config(folder: Path, zones: Sequence[str]) -> dict[str, object]:
    yaml = {"class": "octodns.provider.yaml.YamlProvider", "directory": str(folder / "zones")}
    live = {"class": "octodns_target.FileProvider", "path": str(folder / "live.json")}
    ways = {"sources": ["files"], "targets": ["live"]}
    return {"providers": {"files": yaml, "live": live}, "zones": {zone: ways for zone in zones}}


def _record(number: int, version: int = 0) -> tuple[str, dict[str, object]]:
    values = [f"10.{version}.{number // 250}.{number % 250 + 1}", f"10.9.9.{number % 250 + 1}"]
    return f"shop{number:04}", {"ttl": 300, "type": "A", "values": values}


def _record_text(name: str, record: Mapping[str, object]) -> str:
    assert isinstance(record["values"], list)
    values = "".join(f"  - {value}\n" for value in record["values"])
    return f"{name}:\n  ttl: 300\n  type: A\n  values:\n{values}"


def _script(files: Checkout, live: Checkout) -> PeerWork:
    python = str(python_with("script", "pyyaml", "jsonschema", "httpx") / "python")
    where = [str(files.root / "flows"), _SCHEMA, live.service.url, live.key]
    command = [python, str(_HERE / "script.py"), *where]
    return PeerWork(SCRIPT, command, version([python, "--version"]))
