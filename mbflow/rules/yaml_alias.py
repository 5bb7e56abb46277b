"""An alias stands inside the value that it repeats.

Aliases that repeat an earlier value are fine; one that contains itself has no end.

Fails:

    title: Endless
    steps: &steps
      - action: hangup
        conditions: *steps

Passes:

    title: Twice
    steps:
      - &menu
        action: say
        options: {payload: Press a key., language: en-GB, voice: female}
      - *menu
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-alias"
SEVERITY = Severity.ERROR
