"""Problems as text."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.problem import Problem


def problems_text(problems: Sequence[Problem]) -> str:
    return "\n".join(problem.message for problem in problems)
