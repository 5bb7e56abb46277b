"""The file does not fit its JSON Schema.

The schema says which actions there are, which options each takes, and which values those can
have; `mbflow schema call-flow` prints it. The message names the place and what to write.

The commonest slip is a telephone number without quotes: YAML reads it as a number, and its plus
or its leading zero is lost.

Fails:

    steps:
      - action: transfer
        options: {destination: +442079460123}

Passes:

    steps:
      - action: transfer
        options: {destination: "442079460123"}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "schema"
SEVERITY = Severity.ERROR
