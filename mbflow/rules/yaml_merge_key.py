"""A mapping uses `<<` to take over keys of another one.

Merge keys are no part of YAML 1.2, and hide what a step does. Write the keys out.

Fails:

    steps:
      - action: say
        options: &voice {payload: Hello., language: en-GB, voice: female}
      - action: say
        options:
          <<: *voice
          payload: Goodbye.

Passes:

    steps:
      - action: say
        options: {payload: Hello., language: en-GB, voice: female}
      - action: say
        options: {payload: Goodbye., language: en-GB, voice: female}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-merge-key"
SEVERITY = Severity.ERROR
