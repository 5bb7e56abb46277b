"""`mbflow say`: the prompts of a call flow as a sound file, offline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import FilePath, directory, environment, output_format
from mbflow.cli.output import say_environments, show_as
from mbflow.model.errors import Error, ExitCode, UsageError
from mbflow.model.text import did_you_mean, plural, printable, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mbflow.emulator.audio import Audio, Sound
    from mbflow.flow.steps import Program, Step
    from mbflow.model.flow import Json
    from mbflow.project.load import Checkout

_BEEP_HZ, _BEEP_MS = 1000, 500
_MEDIA_MS = 1000
_LONGEST_MS = 3_600_000


@click.command("say")
@click.argument("name", metavar="FLOW")
@click.argument("step", metavar="[STEP]", required=False)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=FilePath(dir_okay=False),
    required=True,
    help="The WAV file to write.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@directory
@environment
@output_format("text", "json")
def command(
    name: str,
    step: str | None,
    output: Path,
    force: bool,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Speak the prompts of FLOW into a WAV file, with the program espeak-ng.

    STEP is the number or the id of one step. Without it all steps are heard in the order of the
    file, each once: texts, pauses as silence, recordings as a beep. What is played is not fetched:
    a second of silence stands for it. Of a secret the name is spoken, and not its value.

    It sounds as on a telephone (8 kHz, 16 bit, mono), but it is not the service's voice.
    """
    from mbflow.emulator.speech import find_program
    from mbflow.project.whole_file import result_file
    from mbflow.testing.flows import called_flows

    flows = called_flows(directory, environment, progress=shown_progress())
    (program,) = flows.choose([name_of_flow(name, directory, environment)])
    steps = program.steps if step is None else (_find_step(program, step),)
    say_environments(flows.environments)
    find_program()
    with result_file(output, force=force) as file:
        audio = _audio(flows.checkout(flows.home(program.name)), program, steps)
        file.writelines(audio)
    note(f"{audio.ms / 1000:.1f} s, {len(audio):,} bytes")
    parts: dict[str, Json] = {"file": str(output), "bytes": len(audio), "seconds": audio.ms / 1000}
    show_as(output_format, parts, printable(str(output)))
    return ExitCode.DONE


def _find_step(program: Program, text: str) -> Step:
    """A number counts before an id: it is what transcripts and diagrams show."""
    for step in program.steps:
        if str(step.position + 1) == text:
            return step
    for step in program.steps:
        if step.id == text != "":
            return step
    guess = did_you_mean(text, {step.id for step in program.steps} - {""})
    count = plural(len(program.steps), "step")
    raise UsageError(f'{program.name} has {count}, and none is "{shortened(text, 60)}".{guess}')


def _audio(checkout: Checkout, program: Program, steps: Sequence[Step]) -> Audio:
    """Raises `Error` where nothing is heard, or too much."""
    from mbflow.emulator.audio import Audio, Sound

    end, sounds = 0, list[Sound]()
    for step in shown_progress().each("Speaking", steps):
        try:
            sound = _sound(step, end, checkout.secrets)
        except Error as error:
            place = _place(checkout, program, step)
            raise Error(f"{place}: {error.summary}", *error.details) from error
        end = sound.end
        if sound.words or sound.pitch:
            sounds.append(sound)
        if end > _LONGEST_MS:
            raise Error(f"The prompts of {program.name} last more than an hour.", "Name a STEP.")
    if not sounds:
        raise Error(f"There is nothing to hear in {_named(program, steps)}: no text is said.")
    return Audio(end, sounds)


def _named(program: Program, steps: Sequence[Step]) -> str:
    place = f"step {steps[0].position + 1} of " if len(steps) == 1 else ""
    return f"{place}{program.name}"


def _sound(step: Step, start: int, secrets: Mapping[str, str]) -> Sound:
    """What is heard of a step, from `start` on; without words and pitch it is silence."""
    from mbflow.emulator.audio import Sound
    from mbflow.flow.steps import media_of

    if step.action == "say":
        return _speech(step, start, secrets)
    if step.action == "record":
        return Sound(start, start + _BEEP_MS, _BEEP_HZ)
    lasts = 0
    if step.action == "play":
        media = media_of(step.options.get("media"))
        lasts = len(media) * _MEDIA_MS
        urls = shortened(", ".join(media), 200)
        _note(step, f"{urls} is not fetched: {lasts // 1000} s of silence")
    elif step.action == "pause":
        lasts = step.number("length") * 1000
    return Sound(start, start + lasts, 0)


def _speech(step: Step, start: int, secrets: Mapping[str, str]) -> Sound:
    from mbflow.emulator.audio import Sound
    from mbflow.emulator.speech import BYTES_A_MS, Words, speak

    text = _spoken_text(step, secrets)
    words = Words(text, step.text("language"), step.text("voice"))
    samples = speak(words)
    lasts = -(-len(samples) // BYTES_A_MS)
    if not samples.strip(b"\0"):
        _note(step, "espeak-ng finds nothing to say in this text")
        return Sound(start, start + lasts, 0)
    return Sound(start, start + lasts, 0, words, lasts)


def _spoken_text(step: Step, secrets: Mapping[str, str]) -> str:
    """The text with the name of each secret in the place of its value, wherever that stands."""
    from mbflow.plan.secrets import hide

    names = set[str]()

    def word(match: re.Match[str]) -> str:
        if match[1] is None:
            return "${"
        names.add(match[1])
        return re.sub("[_-]", " ", match[1])

    hidden = hide(step.raw_text("payload"), secrets)
    text = re.sub(r"\$\$\{|\$\{([^{}]*)\}", word, str(hidden))
    for name in sorted(names):
        _note(step, f"the value of the secret {name} is not spoken, but its name")
    return text


def _note(step: Step, text: str) -> None:
    note(printable(f"Step {step.position + 1}: {text}."))


def _place(checkout: Checkout, program: Program, step: Step) -> str:
    """`flows/support/menu.yaml:6:16: step 1`."""
    from mbflow.project.yaml.document import read_yaml

    file = checkout.flows[program.name].file
    document = read_yaml((checkout.root / file).read_bytes())
    line, column = document.place(step.path("options", "payload"))
    return f"{file}:{line}:{column}: step {step.position + 1}"
