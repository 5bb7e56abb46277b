"""A variable has no value, because the process variable it comes from is not set.

`validate` warns, and does not check the values that depend on it, so that flows can be checked
where secrets are not at hand. For `plan` and `apply` it is an error.

Fails:

    # mbflow.yaml
    project: acme
    variables: {pin: {env: ACME_PIN_THAT_NOBODY_SET, secret: true}}
    # flows/pin.yaml
    title: Pin
    steps:
      - action: sendKeys
        options: {keys: "${pin}"}

Passes:

    # mbflow.yaml
    project: acme
    variables: {pin: {env: ACME_PIN_THAT_NOBODY_SET, default: "0000"}}
    # flows/pin.yaml
    title: Pin
    steps:
      - action: sendKeys
        options: {keys: "${pin}"}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "unset-variable"
SEVERITY = Severity.WARNING
