"""`mbflow.yaml` says something that cannot be.

Nothing is planned or applied while the project file is wrong.

Fails:

    # mbflow.yaml
    project: acme
    environments:
      production: {endpoint: "http://voice.messagebird.com"}

Passes:

    # mbflow.yaml
    project: acme
    environments:
      production: {endpoint: "https://voice.messagebird.com"}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "project-file"
SEVERITY = Severity.ERROR
