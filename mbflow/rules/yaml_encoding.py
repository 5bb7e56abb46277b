r"""The file is not plain UTF-8 text.

Files saved as UTF-16, bytes that are not UTF-8, and control characters are refused. A byte order
mark at the start is read past, with a warning. A control character that is really meant can be
written as an escape in a text in double quotes.

Passes:

    title: "Ring \x07 the bell"
    steps:
      - action: hangup
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-encoding"
SEVERITY = Severity.ERROR
