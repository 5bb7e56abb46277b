"""One JSON document as text that is harmless in terminals and logs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from mbflow.model import Json

_COMMAND = re.compile(r"##(?=\w*\[)")


def json_text(document: Mapping[str, Json]) -> str:
    """Indented and in ASCII: control and bidi characters stand as escapes.

    So does one character of `##[` and the like, which CI systems take for commands.
    """
    return _COMMAND.sub(r"#\\u0023", json.dumps(document, indent=2, ensure_ascii=True))
