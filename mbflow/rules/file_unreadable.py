"""A file below the flows folder cannot be read.

It is missing behind its link, is no regular file, may not be read by this user, or is a link that
leads out of the project. A flow that cannot be read is not the same as a flow that is gone; so
nothing is applied until it can.
"""

from __future__ import annotations

from mbflow.model.problem import Severity

ID = "file-unreadable"
SEVERITY = Severity.ERROR
