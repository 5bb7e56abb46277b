"""Addresses of web servers on the command line."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import click

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
