"""The file holds more than one YAML document.

One file is one call flow. A line of three dashes begins a new document: everything after it
would be another flow.

Fails:

    title: First
    steps: [{action: hangup}]
    ---
    title: Second
    steps: [{action: hangup}]

Passes:

    ---
    title: First
    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-documents"
SEVERITY = Severity.ERROR
