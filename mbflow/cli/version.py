"""The text of `mbflow --version`: what a report of a bug has to say of an installation."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from textwrap import wrap

from mbflow import __version__
from mbflow.plan.document import FORMAT_VERSION
from mbflow.state.lock import FORMAT

_WIDTH = 80
_REQUIREMENT = re.compile(r"([\w.-]+)(?!.*\bextra\b)")
"""The package that is required; nothing for one that only an extra of mbflow requires."""


def version_text() -> str:
    """mbflow's version, then Python and the system, the formats, and the packages in use."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    lines = [
        f"mbflow {__version__}",
        f"{python}, {platform.platform()}",
        f"plan format {FORMAT_VERSION}, lock format {FORMAT}",
        *wrap(", ".join(_packages()), _WIDTH),
    ]
    return "\n".join(lines)


def _packages() -> Iterator[str]:
    """Name and version of each package that mbflow requires, as far as they are known."""
    try:
        required = requires("mbflow") or []
    except PackageNotFoundError:  # A checkout that is run without being installed.
        return
    for name in sorted(found[1] for found in map(_REQUIREMENT.match, required) if found):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} missing"
