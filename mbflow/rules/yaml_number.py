"""A number is infinite, not a number, or endlessly long.

JSON, in which flows travel, has no such numbers.

Fails:

    steps:
      - action: pause
        options: {length: .inf}

Passes:

    steps:
      - action: pause
        options: {length: 60}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-number"
SEVERITY = Severity.ERROR
