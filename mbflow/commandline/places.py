"""Which recording or transcription is meant, and the file that a download goes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mbflow.errors import UsageError

if TYPE_CHECKING:
    from mbflow.api.recordings import RecordingId
    from mbflow.api.transcriptions import TranscriptionId

Command = TypeVar("Command", bound=Callable[..., Any])

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def call_and_leg(command: Command) -> Command:
    """`--call` and `--leg`: for a service that has only the long addresses of recordings."""
    command = click.option(
        "--leg", metavar="LEG", help="The leg of the recording, together with --call."
    )(command)
    return click.option(
        "--call", metavar="CALL", help="The call of the recording: use the long address."
    )(command)


def output_file(command: Command) -> Command:
    """`-o FILE` and `--force`, given as `output: Path | None` and `force: bool`."""
    command = click.option("--force", is_flag=True, help="Replace a file that is there.")(command)
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The file to write, or the folder. Without this option it is named after the id.",
    )(command)


def recording_of(name: str, call: str | None, leg: str | None) -> RecordingId:
    from mbflow.api.recordings import RecordingId

    if (call is None) != (leg is None):
        raise UsageError("--call and --leg go together.", "    mbflow recordings list CALL")
    return RecordingId(name, call, leg)


def transcription_of(
    name: str, recording: str | None, call: str | None, leg: str | None
) -> TranscriptionId:
    from mbflow.api.transcriptions import TranscriptionId

    if recording is None:
        if call is not None or leg is not None:
            raise UsageError("--call and --leg need --recording.")
        return TranscriptionId(name)
    return TranscriptionId(name, recording_of(recording, call, leg))


def target_of(directory: Path, output: Path | None, name: str, suffix: str) -> Path:
    """The file that `-o` names, or one named after the id in its folder, or in `directory`."""
    file_name = f"{_UNSAFE.sub('_', name)[:100].lstrip('.') or 'file'}{suffix}"
    if output is None:
        return directory / file_name
    return output / file_name if output.is_dir() else output
