"""The file is not YAML.

Nothing in it can be read until this is mended. The usual causes are text with a colon in it that
is not in quotes, a tab that indents, and a quote or a bracket that is never closed.

Fails:

    title: Support: sales
    steps:
      - action: hangup

Passes:

    title: "Support: sales"
    steps:
      - action: hangup
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-syntax"
SEVERITY = Severity.ERROR
