"""`mbflow recordings`: look at recordings, fetch their audio, delete them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.api.recordings import (
    RecordingId,
    delete_recording,
    download_recording,
    get_recording,
    list_recordings,
    list_recordings_of_call,
)
from mbflow.cli.arguments import recording_argument
from mbflow.cli.context import Account, need, open_account, or_missing, read_account
from mbflow.cli.download import file_options, no_file, save, target_of
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import announce, limit, say, show_list, show_one, show_parts
from mbflow.cli.prompt import ask, check_can_ask, yes
from mbflow.model.flow import Body
from mbflow.model.text import Command, printable
from mbflow.views.calls import recording_text, recordings_table

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.api.client import Client


@click.group()
def command() -> None:
    """List, read, download and delete recordings.

    A recording is found by its id alone. For a service that has only the long addresses, name
    its call and leg too: --call CALL --leg LEG.
    """


@command.command("list")
@account_options()
@limit
@click.argument("call_id", metavar="CALL")
@click.argument("leg_id", metavar="[LEG]", required=False)
def list_(options: AccountOptions, limit: int | None, call_id: str, leg_id: str | None) -> None:
    """List the recordings of a call, or of one of its legs. Changes nothing."""
    account = read_account(options)
    sought = (
        ("leg", leg_id, Command("mbflow", "legs", "list", call_id)) if leg_id else ("call", call_id)
    )
    known = or_missing(account, *sought, Command("mbflow", "calls", "list"))
    with open_account(account) as client, known:
        if leg_id is None:
            listing = list_recordings_of_call(client, call_id, limit)
        else:
            listing = list_recordings(client, call_id, leg_id, limit)
    show_list(account, listing, "recording", recordings_table, " of the {} {}".format(*sought))


@command.command("get")
@account_options()
@recording_argument
def get(options: AccountOptions, recording: RecordingId) -> None:
    """Show what is known of a recording. Changes nothing."""
    account = read_account(options)
    with open_account(account) as client:
        found = _find(account, client, recording)
    show_one(account, "recording", found, recording_text(found))


@command.command("download")
@account_options()
@recording_argument
@file_options
def download(
    options: AccountOptions, output: Path | None, force: bool, recording: RecordingId
) -> None:
    """Fetch the audio of a recording as a WAV file. Changes nothing.

    The file is there whole or not at all; one that is there already stays, unless --force.
    """
    target = target_of(options.directory, output, recording.id, ".wav")
    account = read_account(options)
    with open_account(account) as client:
        save(
            account,
            target,
            lambda: download_recording(client, recording, target, force=force),
            lambda: no_file("recording", recording.id, _find(account, client, recording), "audio"),
        )


@command.command("delete")
@account_options()
@yes
@recording_argument
def delete(options: AccountOptions, yes: bool, recording: RecordingId) -> None:
    """Delete a recording for good.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "delete the recording")
    account = read_account(options)
    with open_account(account, can_write=True) as client:
        found = _find(account, client, recording)
        announce(account, recording_text(found))
        ask(yes, "Delete it for good?")
        delete_recording(client, recording, found)
    say(account, "The recording is deleted")
    show_parts(account, {"deleted": found}, printable(recording.id))


def _find(account: Account, client: Client, recording: RecordingId) -> Body:
    hint = "Some services want the call and the leg named too: --call CALL --leg LEG"
    return need(
        account,
        get_recording(client, recording),
        "recording",
        recording.id,
        Command("mbflow", "recordings", "list", recording.call or "CALL"),
        hint=hint if recording.call is None else "",
    )
