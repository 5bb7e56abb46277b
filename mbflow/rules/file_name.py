"""A file below the flows folder cannot be a call flow because of its name.

Flow files end in `.yaml`; one with another suffix of YAML or JSON would be forgotten without a
word. The path without the suffix is the flow's key: keys differ in more than upper and lower
case, hold no character that cannot be seen, and no part of them begins with a dash.

Fails:

    # flows/menu.yml
    steps: [{action: hangup}]

Passes:

    # flows/menu.yaml
    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "file-name"
SEVERITY = Severity.ERROR
