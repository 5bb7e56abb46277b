"""A key stands twice in one mapping.

YAML keeps one of the two, and not every reader the same one. Usually the second was meant for
the next step.

Fails:

    steps:
      - action: pause
        options: {length: 1, length: 2}

Passes:

    steps:
      - action: pause
        options: {length: 2}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "duplicate-key"
SEVERITY = Severity.ERROR
