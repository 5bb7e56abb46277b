"""The file is larger, deeper, or with its aliases longer than any call flow.

The bounds are 256 KB, 64 levels, and 100,000 values once aliases are expanded. They keep a file
from exhausting the machine that reads it.

Fails:

    title: Deep
    steps: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

Passes:

    title: Shallow
    steps: [{action: hangup}]
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "yaml-limit"
SEVERITY = Severity.ERROR
