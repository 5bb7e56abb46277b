"""An environment gives a value to a variable that is nearly one of the project's.

An environment's variables stand over those of the project. A misspelt name would leave the
project's value in force without a word: staging would ring the number of production. A variable
may stand in environments only, as long as a flow or a call file uses it.

Fails:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    environments:
      staging: {endpoint: embedded, variables: {sales_numbr: "442079460199"}}
    # flows/sales.yaml
    title: Sales
    steps:
      - action: transfer
        options: {destination: "${sales_number}"}

Passes:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    environments:
      staging: {endpoint: embedded, variables: {sales_number: "442079460199"}}
    # flows/sales.yaml
    title: Sales
    steps:
      - action: transfer
        options: {destination: "${sales_number}"}
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "unknown-override"
SEVERITY = Severity.ERROR
