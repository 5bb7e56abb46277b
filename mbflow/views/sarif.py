"""Problems as SARIF 2.1.0, the form in which code scanning services take findings."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from mbflow import __version__
from mbflow.model import Json
from mbflow.printable import printable
from mbflow.problem import Problem, in_order
from mbflow.rules import RULES, Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: Sequence[Problem]) -> dict[str, Json]:
    """One run with a result for each problem. Files are relative to the root of the sources."""
    used = sorted({problem.rule for problem in problems})
    driver: dict[str, Json] = {
        "name": "mbflow",
        "version": __version__,
        "rules": [_rule(RULES[rule]) for rule in used],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, used.index(problem.rule)) for problem in in_order(problems)],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Json]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.manual},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(problem: Problem, index: int) -> dict[str, Json]:
    place: dict[str, Json] = {
        "artifactLocation": {"uri": quote(problem.file), "uriBaseId": "%SRCROOT%"}
    }
    if problem.line:
        place["region"] = {"startLine": problem.line, "startColumn": problem.column}
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": printable(problem.message)},
        "locations": [{"physicalLocation": place}],
    }
