"""`mbflow recordings`: look at recordings, fetch their audio, delete them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.arguments import call_and_leg, output_file, recording_of, target_of
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, show_list, show_one, show_parts
from mbflow.cli.prompt import ask, check_can_ask, yes
from mbflow.model.errors import Error
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.api.recordings import RecordingId
    from mbflow.cli.context import Account
    from mbflow.model.flow import Body


@click.group()
def command() -> None:
    """List, read, download and delete recordings.

    A recording is found by its id alone. For a service that has only the long addresses, name
    its call and leg too: --call CALL --leg LEG.
    """


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
@click.argument("call_id", metavar="CALL")
@click.argument("leg_id", metavar="[LEG]", required=False)
def list_(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    limit: int | None,
    call_id: str,
    leg_id: str | None,
) -> None:
    """List the recordings of a call, or of one of its legs. Sends only GET."""
    from mbflow.api.recordings import list_recordings, list_recordings_of_call
    from mbflow.cli.context import open_account, or_missing, read_account
    from mbflow.views.calls import recordings_table

    account = read_account(directory, environment, needs_lock=False)
    calls = Command("mbflow", "calls", "list")
    known = or_missing(account, "call", call_id, calls)
    if leg_id is not None:
        legs = Command("mbflow", "legs", "list", call_id)
        known = or_missing(account, "leg", leg_id, legs, calls)
    with open_account(account, can_write=False) as client, known:
        if leg_id is None:
            listing = list_recordings_of_call(client, call_id, limit)
        else:
            listing = list_recordings(client, call_id, leg_id, limit)
    owner = f" of the {f'leg {leg_id}' if leg_id else f'call {call_id}'}"
    show_list(
        account,
        listing,
        "recording",
        table=recordings_table,
        output_format=output_format,
        owner=owner,
    )


@command.command("get")
@directory
@environment
@output_format("text", "json")
@call_and_leg
@click.argument("name", metavar="RECORDING")
def get(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    call: str | None,
    leg: str | None,
    name: str,
) -> None:
    """Show what is known of a recording. Sends only GET."""
    from mbflow.cli.context import open_account, read_account
    from mbflow.views.calls import recording_text

    recording = recording_of(name, call, leg)
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        found = _found(account, client, recording)
    show_one(account, "recording", found, recording_text(found), output_format)


@command.command("download")
@directory
@environment
@output_format("text", "json")
@call_and_leg
@output_file
@click.argument("name", metavar="RECORDING")
def download(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    call: str | None,
    leg: str | None,
    output: Path | None,
    force: bool,
    name: str,
) -> None:
    """Fetch the audio of a recording as a WAV file. Sends only GET.

    The file is there whole or not at all; one that is there already stays, unless --force.
    """
    from mbflow.api.errors import Rejected
    from mbflow.api.recordings import download_recording
    from mbflow.cli.context import open_account, read_account
    from mbflow.cli.output import ProgressLine

    recording = recording_of(name, call, leg)
    target = target_of(directory, output, name, ".wav")
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        try:
            with ProgressLine() as progress:
                size = download_recording(client, recording, target, force=force, progress=progress)
        except Rejected as rejection:
            if rejection.status == 404:
                raise _not_there(account, client, recording) from rejection
            raise
    click.echo(f"{size:,} bytes", err=True)
    show_parts(account, {"file": str(target), "bytes": size}, str(target), output_format)


@command.command("delete")
@directory
@environment
@output_format("text", "json")
@yes
@call_and_leg
@click.argument("name", metavar="RECORDING")
def delete(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    yes: bool,
    call: str | None,
    leg: str | None,
    name: str,
) -> None:
    """Delete a recording for good.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.recordings import delete_recording
    from mbflow.cli.context import open_account, read_account
    from mbflow.model.text import printable
    from mbflow.views.calls import recording_text

    check_can_ask(yes, "delete the recording")
    recording = recording_of(name, call, leg)
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=True) as client:
        found = _found(account, client, recording)
        click.echo(f"In {printable(account.place)}:\n{recording_text(found)}", err=True)
        ask(yes, "Delete it for good?")
        delete_recording(client, recording, found)
    click.echo(f"The recording is deleted, in {printable(account.place)}", err=True)
    show_parts(account, {"deleted": found}, printable(name), output_format)


def _found(account: Account, client: Client, recording: RecordingId) -> Body:
    from mbflow.api.recordings import get_recording

    found = get_recording(client, recording)
    if found is not None:
        return found
    more = ["Some services want the call and the leg named too: --call CALL --leg LEG"]
    raise Error(
        f"{account.place} has no recording {recording.id}.",
        *(more if recording.call is None else []),
        "To see what there is:",
        Command("mbflow", "recordings", "list", recording.call or "CALL"),
    )


def _not_there(account: Account, client: Client, recording: RecordingId) -> Error:
    """Why there is no audio of a recording: it is not finished, or there is no such recording."""
    from mbflow.views.objects import status_of, words

    status = words(status_of(_found(account, client, recording)))
    return Error(
        f"The recording {recording.id} has no audio to download: its status is {status}.",
        "Try again when it is done:",
        Command("mbflow", "recordings", "get", recording.id),
    )
