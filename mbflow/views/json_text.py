"""One JSON document as text that is harmless in terminals and logs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mbflow.model import Json


def json_text(document: Mapping[str, Json]) -> str:
    """Indented and in ASCII: control and bidi characters stand as escapes.

    So does one character of `##[`, which GitHub takes for a command wherever it stands.
    """
    return json.dumps(document, indent=2, ensure_ascii=True).replace("##[", "#\\u0023[")
