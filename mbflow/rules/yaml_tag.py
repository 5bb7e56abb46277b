"""A value carries a YAML tag.

Call flows are plain texts, numbers, lists and mappings. Quotes make any value a text; no tag is
needed for that.

Fails:

    title: !!str 2024
    steps: [{action: hangup}]

Passes:

    title: "2024"
    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-tag"
SEVERITY = Severity.ERROR
