"""An exception, or a line under `rules` in `mbflow.yaml`, names a rule that does not exist or that
has no exceptions.

Rules of error severity protect live calls: they cannot be turned off, lowered or excepted.

Fails:

    title: Menu
    steps: [{action: hangup}]
    mbflow:
      exceptions: {same-titel: both carry the brand's name}

Passes:

    title: Menu
    steps: [{action: hangup}]
    mbflow:
      exceptions: {same-title: both carry the brand's name}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "unknown-rule"
SEVERITY = Severity.ERROR
