"""`mbflow emulate`: the emulator on a port, for anyone's client."""

from __future__ import annotations

import os
import signal
import textwrap
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

import click

from mbflow.cli.notes import note
from mbflow.cli.options import FilePath, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json

_WIDTH = 79
_HOW = (
    "METHOD and the glob may be *, and a * in the glob spans slashes; /v1 and a last slash are"
    " left out. before (the default): the request is not carried out. after: it is, and only the"
    " answer suffers. nth=N strikes the Nth matching request only, p=0.1 one in ten (--seed)."
)


def quirks_text() -> str:
    """Every quirk with what it changes."""
    from mbflow.emulator.quirks import Quirk

    return _columns((quirk.value, quirk.description) for quirk in Quirk)


def faults_text() -> str:
    """How a fault is written, and every kind."""
    from mbflow.emulator.faults import KINDS, SYNTAX

    return "\n".join(
        [
            f'--fault "{SYNTAX}"',
            "",
            _columns(KINDS.items()),
            "",
            textwrap.fill(_HOW, _WIDTH),
            "",
            'For example: --fault "POST /call-flows 503 after nth=1"',
        ]
    )


def _columns(rows: Iterable[tuple[str, str]]) -> str:
    rows = list(rows)
    column = max(len(name) for name, _ in rows) + 2
    return "\n".join(
        textwrap.fill(
            f"{name:{column}}{description}",
            _WIDTH,
            subsequent_indent=" " * column,
            break_on_hyphens=False,
        )
        for name, description in rows
    )


@click.command()
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="a free one is picked",
    help="The port to listen on.",
)
@click.option(
    "--database",
    metavar="FILE",
    type=FilePath(dir_okay=False),
    help="Keep call flows, calls and all else in FILE, created where it is missing. Without this"
    " option everything is lost when the emulator stops.",
)
@click.option("--quirk", "quirks", metavar="NAME", multiple=True, help="Switch a quirk on.")
@click.option(
    "--fault",
    "faults",
    metavar="SPEC",
    multiple=True,
    help='Inject a fault: "METHOD PATH-GLOB KIND[=ARG] [before|after] [nth=N|p=0.1]".',
)
@click.option(
    "--seed",
    metavar="N",
    type=int,
    default=0,
    show_default=True,
    help="The same N lets chance fall the same way again.",
)
@click.option(
    "--time-factor",
    metavar="N",
    type=click.FloatRange(0.01, 100_000),
    default=1.0,
    show_default=True,
    help="Run calls this many times faster than the clock.",
)
@click.option(
    "--outbound",
    type=click.Choice(["loopback", "anywhere"]),
    default="loopback",
    show_default=True,
    help="Where webhooks and requests for call flows may go: loopback is this machine.",
)
@click.option(
    "--signature",
    type=click.Choice(["jwt", "legacy"]),
    default="jwt",
    show_default=True,
    help="How webhooks with a token are signed.",
)
@click.option(
    "--access-key",
    "access_keys",
    metavar="KEY",
    multiple=True,
    help="Accept this key; each key is an account of its own. Without this option any key opens"
    " its own account.",
)
@click.option("--list-quirks", "topic", flag_value="quirks", help="List the quirks and stop.")
@click.option(
    "--list-faults", "topic", flag_value="faults", help="List the kinds of faults and stop."
)
@output_format("text", "json")
def command(
    *,
    host: str,
    port: int,
    database: Path | None,
    quirks: tuple[str, ...],
    faults: tuple[str, ...],
    seed: int,
    time_factor: float,
    outbound: str,
    signature: str,
    access_keys: tuple[str, ...],
    topic: str | None,
    output_format: str,
) -> int:
    """Serve the Voice API on this machine, without an account and without a network.

    The first line on standard output is `listening on http://...`. Ctrl-C and SIGTERM stop the
    emulator and exit 0. Point a client at the address, with any access key. With --format json
    the document stands there when it listens, with the address and the process.
    """
    if topic is not None:
        _list(topic, output_format)
        return ExitCode.DONE
    from mbflow.api.access_key import AccessKey
    from mbflow.emulator.app import Emulator
    from mbflow.emulator.delivery import DeliveryOptions
    from mbflow.emulator.faults import parse_fault
    from mbflow.emulator.server import Server

    for key in access_keys:
        AccessKey(key, "--access-key")  # one that no request could hold is refused
    emulator = Emulator(
        database,
        access_keys=access_keys,
        quirks=quirks,
        faults=[parse_fault(spec) for spec in faults],
        seed=seed,
        time_factor=time_factor,
        delivery=DeliveryOptions(
            anywhere=outbound == "anywhere", legacy_signatures=signature == "legacy"
        ),
    )
    with closing(emulator):
        server = Server(emulator, host, port)
        emulator.resume()
        if database is None:
            note("Everything is lost when it stops; --database FILE keeps it.")
        if not _is_loopback(server.host):
            click.echo("Warning: other machines can reach this address.", err=True)
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        name = None if database is None else str(database)
        parts: dict[str, Json] = {"url": server.url, "pid": os.getpid(), "database": name}
        show_as(output_format, parts, f"listening on {server.url}")
        server.run()
    return ExitCode.DONE


def _list(topic: str, output_format: str) -> None:
    from mbflow.emulator.faults import KINDS, SYNTAX
    from mbflow.emulator.quirks import Quirk

    if topic == "quirks":
        quirks: dict[str, Json] = {quirk.value: quirk.description for quirk in Quirk}
        show_as(output_format, {"quirks": quirks}, quirks_text())
    else:
        show_as(output_format, {"syntax": SYNTAX, "faults": dict(KINDS)}, faults_text())


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    return ip_address(host.partition("%")[0]).is_loopback


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)
