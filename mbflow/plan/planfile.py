"""Saved plans: written in one step, read as data from a stranger."""

from __future__ import annotations

import json
from pathlib import Path

from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import Json
from mbflow.model.text import Command
from mbflow.plan.document import FORMAT_VERSION, PlanFormatError, read_plan
from mbflow.plan.model import Plan
from mbflow.project.source import NotText, text_of
from mbflow.project.whole_file import replace_file
from mbflow.schema.validator import is_valid

MOST_BYTES = 512 * 1024 * 1024
"""A plan of 10,000 flows of the largest size; nothing bigger is read into memory."""


def write_plan_file(path: Path, text: str) -> None:
    """Write the document in one step, so that no half plan is ever there to be applied."""
    try:
        replace_file(path, text.encode() + b"\n")
    except OSError as error:
        raise Error(
            f"The plan cannot be written to {path}: {error.strerror}.",
            "Make room, or name another place with --out; the plan was only shown.",
        ) from error


def is_replaceable(path: Path) -> bool:
    """Whether a plan may take its place: nothing there, nothing in it, or a plan, whole or not.

    A flow file is named by mistake easily; what cannot be read is for `write_plan_file` to tell.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(64) if path.is_file() else b""
    except OSError:
        return True
    return not head or b'"format_version"' in head


def read_plan_file(path: Path) -> Plan:
    """The plan in a file. RefusedError says why it is not one that can be trusted."""
    document = _document(path)
    versioned = isinstance(document, dict) and document.get("format_version") == FORMAT_VERSION
    if versioned and not is_valid("plan", document):
        raise _not_a_plan(path, "parts of it are missing or of the wrong kind")
    try:
        return read_plan(document)
    except PlanFormatError as error:
        raise _not_a_plan(path, str(error)) from error


def _document(path: Path) -> Json:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _not_a_plan(path, "it is too large")
        document: Json = json.loads(text_of(path.read_bytes()))
    except OSError as error:
        raise Error(f"The plan {path} cannot be read: {error.strerror}.") from error
    except NotText as error:
        raise _not_a_plan(path, "it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise _not_a_plan(path, "it is not JSON") from error
    return document


def _not_a_plan(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"{path} is not a plan that can be applied: {why}.",
        "A plan is made with:",
        Command("mbflow", "plan", "--out", "plan.json"),
    )
