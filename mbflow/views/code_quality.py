"""Problems as GitLab's report of code quality: shown in the merge request, at their lines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from mbflow.model.flow import Json
from mbflow.model.paths import path_text
from mbflow.model.problem import Problem, Severity, in_order
from mbflow.model.text import printable

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def code_quality(problems: Sequence[Problem]) -> list[Json]:
    """An entry a problem. Files are relative to the root of the repository.

    GitLab knows a problem by its fingerprint, on both sides of a merge request: it holds no line,
    which moves. Of problems that are the same but for their line each has its own.
    """
    found: list[Json] = []
    seen: dict[str, int] = {}
    for problem in in_order(problems):
        text = "\0".join([problem.rule, problem.file, path_text(problem.path), problem.message])
        seen[text] = seen.get(text, 0) + 1
        counted = f"{text}\0{seen[text]}".encode("utf-8", "surrogateescape")
        found.append(
            {
                "description": printable(problem.message),
                "check_name": problem.rule,
                "fingerprint": hashlib.sha256(counted).hexdigest(),
                "severity": _SEVERITIES[problem.severity],
                "location": {
                    "path": printable(problem.file),
                    "lines": {"begin": problem.line or 1},
                },
            }
        )
    return found
