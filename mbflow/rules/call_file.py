"""A file with simulated calls (`NAME.calls.yaml`) cannot be run.

It does not fit its schema (`mbflow schema calls` prints it), a call says something impossible, or
the flow `NAME.yaml` beside it is gone or has errors. `mbflow test` finds this; the other calls run
nevertheless.

A call file:

    calls:
      - name: a caller who presses 1 reaches sales
        does: [{press: "1"}]
        hears: ["For sales, press 1"]
        ends: {transferred: "447700900123"}
"""

from __future__ import annotations

from mbflow.problem import Severity

ID = "call-file"
SEVERITY = Severity.ERROR
