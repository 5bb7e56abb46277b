"""`mbflow transcriptions`: have recordings written down, and read what was said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from mbflow.api.recordings import RecordingId
from mbflow.api.transcriptions import (
    LANGUAGES,
    TranscriptionId,
    create_transcription,
    download_transcription,
    get_transcription,
    list_transcriptions,
    read_transcription,
)
from mbflow.cli.arguments import recording_argument, transcription_argument
from mbflow.cli.context import Account, need, open_account, or_missing, read_account
from mbflow.cli.download import file_options, no_file, save, target_of
from mbflow.cli.notes import note
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import limit, say, show_list, show_one, show_parts
from mbflow.model.flow import Body
from mbflow.model.text import Command
from mbflow.views.calls import transcription_text, transcriptions_table

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.api.client import Client

_SILENT = "In the built-in emulator a callee is silent; mbflow emulate can be told what it says."
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@click.group()
def command() -> None:
    """List, make, read and download transcriptions of recordings."""


@command.command("list")
@account_options()
@limit
@recording_argument
def list_(options: AccountOptions, limit: int | None, recording: RecordingId) -> None:
    """List the transcriptions of a recording. Changes nothing."""
    account = read_account(options)
    known = or_missing(
        account, "recording", recording.id, Command("mbflow", "recordings", "list", "CALL")
    )
    with open_account(account) as client, known:
        listing = list_transcriptions(client, recording, limit)
    owner = f" of the recording {recording.id}"
    show_list(account, listing, "transcription", transcriptions_table, owner)


@command.command("create")
@account_options()
@recording_argument
@click.option("--language", metavar="TAG", help="What is spoken: en-US, nl-NL.")
def create(options: AccountOptions, language: str | None, recording: RecordingId) -> None:
    """Have a recording transcribed. Takes the service a while; `transcriptions get` shows it."""
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise click.BadParameter(
            f"{language} is not a language tag such as en-US", param_hint="--language"
        )
    if language is not None and language not in LANGUAGES:
        note(f"Known languages are {', '.join(LANGUAGES)}; trying {language}.")
    account = read_account(options)
    known = or_missing(
        account, "recording", recording.id, Command("mbflow", "recordings", "list", "CALL")
    )
    with open_account(account, can_write=True) as client, known:
        made = create_transcription(client, recording, language)
    say(account, "Asked for the transcription")
    show_one(account, "transcription", made, transcription_text(made))


@command.command("get")
@account_options()
@transcription_argument
def get(options: AccountOptions, transcription: TranscriptionId) -> None:
    """Show a transcription, with what was said once it is done. Changes nothing."""
    account = read_account(options)
    with open_account(account) as client:
        found = _find(account, client, transcription)
        # Older services have no status, so the text is asked for unless it cannot be there.
        is_open = found.get("status") in ("created", "transcribing", "failed")
        text = None if is_open else read_transcription(client, transcription)
    parts = {"transcription": found, "text": text}
    show_parts(account, parts, transcription_text(found, text))
    if text is not None and not text.strip() and account.environment.is_embedded:
        note(_SILENT)


@command.command("download")
@account_options()
@transcription_argument
@file_options
def download(
    options: AccountOptions, output: Path | None, force: bool, transcription: TranscriptionId
) -> None:
    """Fetch the text of a transcription as a file. Changes nothing.

    The file is there whole or not at all; one that is there already stays, unless --force.
    """
    target = target_of(options.directory, output, transcription.id, ".txt")
    account = read_account(options)
    with open_account(account) as client:
        save(
            account,
            target,
            lambda: download_transcription(client, transcription, target, force=force),
            lambda: no_file(
                "transcription", transcription.id, _find(account, client, transcription), "text"
            ),
        )


def _find(account: Account, client: Client, transcription: TranscriptionId) -> Body:
    hint = "Some services want more named: --recording RECORDING --call CALL --leg LEG"
    return need(
        account,
        get_transcription(client, transcription),
        "transcription",
        transcription.id,
        Command("mbflow", "transcriptions", "list", "RECORDING"),
        hint=hint if transcription.recording is None else "",
    )
