"""Arguments as people write them: numbers, web addresses, recordings, files, flows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from mbflow.cli.options import Verb
from mbflow.model.errors import UsageError
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.recordings import RecordingId
    from mbflow.api.transcriptions import TranscriptionId

_ORNAMENT = re.compile(r"\(0\)|[\s().\-/]")
_ADDRESS = re.compile(r"sips?:[!-?A-~]+@[!-?A-~]+|client:[!-~]+", re.IGNORECASE)
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")


def numbers_in_digits(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """For an argument of several numbers: `+31 20 123 4567` becomes `31201234567`, each once."""
    return tuple(dict.fromkeys(_digits(text) for text in value))


def number_in_digits(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """For one number."""
    return _digits(value)


def party_argument(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """For one number, or a SIP or client address, which passes as it is (reference 6.2)."""
    return value if _ADDRESS.fullmatch(value) else _digits(value)


def _digits(text: str) -> str:
    digits = _ORNAMENT.sub("", text).removeprefix("+").removeprefix("00")
    if not _DIGITS.fullmatch(digits) or not _is_possible(digits):
        raise click.BadParameter(
            f"{text} is not a telephone number in full, with its country: +31201234567"
        )
    return digits


def _is_possible(digits: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False


_USABLE = re.compile(r"[!-~]+")


def web_address(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """For an option or argument: an http or https address that a service could call."""
    if value is not None and not _is_web_address(value):
        raise click.BadParameter(f"{value} is not a web address in full: https://example.com/calls")
    return value


def _is_web_address(text: str) -> bool:
    if not _USABLE.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def call_and_leg(command: Verb) -> Verb:
    """`--call` and `--leg`: for a service that has only the long addresses of recordings."""
    command = click.option(
        "--leg", metavar="LEG", help="The leg of the recording, together with --call."
    )(command)
    return click.option(
        "--call", metavar="CALL", help="The call of the recording: use the long address."
    )(command)


def output_file(command: Verb) -> Verb:
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
        raise UsageError(
            "--call and --leg go together.", Command("mbflow", "recordings", "list", "CALL")
        )
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
