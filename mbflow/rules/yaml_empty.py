"""The file holds nothing.

Fails:

    # to be written

Passes:

    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-empty"
SEVERITY = Severity.ERROR
