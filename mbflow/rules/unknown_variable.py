"""A text refers to a variable that is not declared.

`${name}` takes a variable of the environment from `mbflow.yaml`. For the text `${` itself write
`$${`.

Fails:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    # flows/sales.yaml
    title: Sales
    steps:
      - action: transfer
        options: {destination: "${sale_number}"}

Passes:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    # flows/sales.yaml
    title: Sales
    steps:
      - action: transfer
        options: {destination: "${sales_number}"}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "unknown-variable"
SEVERITY = Severity.ERROR
