"""A file with simulated calls (`NAME.calls.yaml`) cannot be run.

It does not fit its schema (`mbflow schema calls` prints it), a call says something impossible, or
the flow `NAME.yaml` beside it is gone. Where the flow is there but has errors, `mbflow test` says
so; the other calls run nevertheless.

Fails:

    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # flows/menu.calls.yaml
    calls:
      - name: a caller is sent away
        heers: [goodbye]
        ends: hangup

Passes:

    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # flows/menu.calls.yaml
    calls:
      - name: a caller is sent away
        ends: hangup
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "call-file"
SEVERITY = Severity.ERROR
