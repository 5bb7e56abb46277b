"""A key is not a text.

A number, true, false or nothing as a key would become something else on the way to the service.

Fails:

    1: first
    steps: [{action: hangup}]

Passes:

    title: first
    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-key"
SEVERITY = Severity.ERROR
