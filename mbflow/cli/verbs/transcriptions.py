"""`mbflow transcriptions`: have recordings written down, and read what was said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.arguments import (
    call_and_leg,
    output_file,
    recording_of,
    target_of,
    transcription_of,
)
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, show_list, show_one, show_parts
from mbflow.model.errors import Error
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.api.transcriptions import TranscriptionId
    from mbflow.cli.context import Account
    from mbflow.model.flow import Body

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_recording = click.option(
    "--recording", metavar="RECORDING", help="The recording: use the long address."
)


@click.group()
def command() -> None:
    """List, make, read and download transcriptions of recordings."""


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
@call_and_leg
@click.argument("name", metavar="RECORDING")
def list_(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    limit: int | None,
    call: str | None,
    leg: str | None,
    name: str,
) -> None:
    """List the transcriptions of a recording. Sends only GET."""
    from mbflow.api.transcriptions import list_transcriptions
    from mbflow.cli.context import open_account, or_missing, read_account
    from mbflow.views.calls import transcriptions_table

    recording = recording_of(name, call, leg)
    account = read_account(directory, environment, needs_lock=False)
    known = or_missing(account, "recording", name, Command("mbflow", "recordings", "list", "CALL"))
    with open_account(account, can_write=False) as client, known:
        listing = list_transcriptions(client, recording, limit)
    show_list(
        account,
        listing,
        "transcription",
        table=transcriptions_table,
        output_format=output_format,
        owner=f" of the recording {name}",
    )


@command.command("create")
@directory
@environment
@output_format("text", "json")
@call_and_leg
@click.option("--language", metavar="TAG", help="What is spoken: en-US, nl-NL.")
@click.argument("name", metavar="RECORDING")
def create(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    call: str | None,
    leg: str | None,
    language: str | None,
    name: str,
) -> None:
    """Have a recording written down. Takes the service a while; `transcriptions get` shows it."""
    from mbflow.api.transcriptions import LANGUAGES, create_transcription
    from mbflow.cli.context import open_account, or_missing, read_account
    from mbflow.model.text import printable
    from mbflow.views.calls import transcription_text

    if language is not None and not _LANGUAGE.fullmatch(language):
        raise click.BadParameter(
            f"{language} is not a language tag such as en-US", param_hint="--language"
        )
    if language is not None and language not in LANGUAGES:
        click.echo(f"Known languages are {', '.join(LANGUAGES)}; trying {language}.", err=True)
    recording = recording_of(name, call, leg)
    account = read_account(directory, environment, needs_lock=False)
    known = or_missing(account, "recording", name, Command("mbflow", "recordings", "list", "CALL"))
    with open_account(account, can_write=True) as client, known:
        made = create_transcription(client, recording, language)
    click.echo(f"Asked for the transcription, in {printable(account.place)}", err=True)
    show_one(account, "transcription", made, transcription_text(made), output_format)


@command.command("get")
@directory
@environment
@output_format("text", "json")
@_recording
@call_and_leg
@click.argument("name", metavar="TRANSCRIPTION")
def get(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    recording: str | None,
    call: str | None,
    leg: str | None,
    name: str,
) -> None:
    """Show a transcription, with what was said once it is done. Sends only GET."""
    from mbflow.api.transcriptions import read_transcription
    from mbflow.cli.context import open_account, read_account
    from mbflow.views.calls import transcription_text

    wanted = transcription_of(name, recording, call, leg)
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        found = _found(account, client, wanted)
        # Older services have no status, so the text is asked for unless it cannot be there.
        is_open = found.get("status") in ("created", "transcribing", "failed")
        text = None if is_open else read_transcription(client, wanted)
    parts = {"transcription": found, "text": text}
    show_parts(account, parts, transcription_text(found, text), output_format)


@command.command("download")
@directory
@environment
@output_format("text", "json")
@_recording
@call_and_leg
@output_file
@click.argument("name", metavar="TRANSCRIPTION")
def download(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    recording: str | None,
    call: str | None,
    leg: str | None,
    output: Path | None,
    force: bool,
    name: str,
) -> None:
    """Fetch the text of a transcription as a file. Sends only GET.

    The file is there whole or not at all; one that is there already stays, unless --force.
    """
    from mbflow.api.errors import Rejected
    from mbflow.api.transcriptions import download_transcription
    from mbflow.cli.context import open_account, read_account
    from mbflow.cli.output import ProgressLine

    wanted = transcription_of(name, recording, call, leg)
    target = target_of(directory, output, name, ".txt")
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        try:
            with ProgressLine() as progress:
                size = download_transcription(
                    client, wanted, target, force=force, progress=progress
                )
        except Rejected as rejection:
            if rejection.status == 404:
                raise _not_there(account, client, wanted) from rejection
            raise
    click.echo(f"{size:,} bytes", err=True)
    show_parts(account, {"file": str(target), "bytes": size}, str(target), output_format)


def _found(account: Account, client: Client, transcription: TranscriptionId) -> Body:
    from mbflow.api.transcriptions import get_transcription

    found = get_transcription(client, transcription)
    if found is not None:
        return found
    more = ["Some services want more named: --recording RECORDING --call CALL --leg LEG"]
    raise Error(
        f"{account.place} has no transcription {transcription.id}.",
        *(more if transcription.recording is None else []),
        "To see what there is:",
        Command("mbflow", "transcriptions", "list", "RECORDING"),
    )


def _not_there(account: Account, client: Client, transcription: TranscriptionId) -> Error:
    from mbflow.views.objects import status_of, words

    status = words(status_of(_found(account, client, transcription)))
    return Error(
        f"The transcription {transcription.id} has no text to download: its status is {status}.",
        "Try again when it is done:",
        Command("mbflow", "transcriptions", "get", transcription.id),
    )
