"""Arguments as people write them: numbers, URLs, recordings, transcriptions."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click

from mbflow.cli.options import Verb
from mbflow.model.errors import UsageError
from mbflow.model.route import can_be_dialled
from mbflow.model.text import Command
from mbflow.model.web_address import is_web_address

if TYPE_CHECKING:
    from mbflow.api.recordings import RecordingId

_ORNAMENT = re.compile(r"\(0\)|[\s().\-/]")
_ADDRESS = re.compile(r"sips?:[!-?A-~]+@[!-?A-~]+|client:[!-~]+", re.IGNORECASE)


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


def digits_of(text: str) -> str:
    """The digits of a number that is written with a plus, or 00; any other text as it is."""
    found = re.fullmatch(r"(?:\+|00)([1-9][0-9]{6,14})", _ORNAMENT.sub("", text))
    return found[1] if found else text


def _digits(text: str) -> str:
    digits = _ORNAMENT.sub("", text).removeprefix("+").removeprefix("00")
    if not can_be_dialled(digits):
        raise click.BadParameter(
            f"{text} is not a complete telephone number with its country code, such as +31201234567"
        )
    return digits


def web_address(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """For an option or argument: an http or https address that a service could call."""
    if value is not None and not is_web_address(value):
        raise click.BadParameter(
            f"{value} is not a complete URL, such as https://example.com/calls"
        )
    return value


def recording_argument(command: Verb) -> Verb:
    """RECORDING, with `--call` and `--leg`; given to the verb as `recording: RecordingId`."""

    @wraps(command)
    def run(*first: Any, name: str, call: str | None, leg: str | None, **others: Any) -> Any:
        return command(*first, recording=_recording(name, call, leg), **others)

    return _call_and_leg(click.argument("name", metavar="RECORDING")(cast(Verb, run)))


def transcription_argument(command: Verb) -> Verb:
    """TRANSCRIPTION, with `--recording`, `--call` and `--leg`; given as `transcription`."""

    @wraps(command)
    def run(
        *first: Any,
        name: str,
        recording: str | None,
        call: str | None,
        leg: str | None,
        **others: Any,
    ) -> Any:
        from mbflow.api.transcriptions import TranscriptionId

        if recording is None and not (call is None and leg is None):
            raise UsageError("--call and --leg need --recording.")
        owner = None if recording is None else _recording(recording, call, leg)
        return command(*first, transcription=TranscriptionId(name, owner), **others)

    with_name = click.argument("name", metavar="TRANSCRIPTION")(cast(Verb, run))
    return click.option(
        "--recording", metavar="RECORDING", help="The recording: use the long address."
    )(_call_and_leg(with_name))


def _call_and_leg(command: Verb) -> Verb:
    """For a service that has only the long addresses of recordings."""
    command = click.option(
        "--leg", metavar="LEG", help="The leg of the recording, together with --call."
    )(command)
    return click.option(
        "--call", metavar="CALL", help="The call of the recording: use the long address."
    )(command)


def _recording(name: str, call: str | None, leg: str | None) -> RecordingId:
    from mbflow.api.recordings import RecordingId

    if (call is None) != (leg is None):
        raise UsageError(
            "--call and --leg go together.", Command("mbflow", "recordings", "list", "CALL")
        )
    return RecordingId(name, call, leg)
