"""A flow is restricted to an environment that is not declared.

A misspelt name would take the flow out of the environment it was meant for.

Fails:

    # mbflow.yaml
    project: acme
    environments: {production: {endpoint: embedded}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    mbflow: {environments: [prodution]}

Passes:

    # mbflow.yaml
    project: acme
    environments: {production: {endpoint: embedded}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    mbflow: {environments: [production]}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "unknown-environment"
SEVERITY = Severity.ERROR
