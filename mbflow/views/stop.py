"""A run that stopped, as the JSON document in place of the one that the verb would have written."""

from __future__ import annotations

from mbflow.errors import Stop
from mbflow.model import Json
from mbflow.problem import in_order, problem_json


def stop_document(stop: Stop) -> dict[str, Json]:
    """No other document of mbflow has `error`. `problems` are there when files are wrong."""
    document: dict[str, Json] = {
        "error": {"summary": stop.summary, "details": [detail for detail in stop.details]},
        "exit_code": int(stop.code),
    }
    if stop.problems:
        document["problems"] = [problem_json(problem) for problem in in_order(stop.problems)]
    return document
