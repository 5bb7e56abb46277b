"""The results of simulated calls as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from mbflow.model.problem import Problem
from mbflow.model.text import printable
from mbflow.project.discover import PROJECT_FILE
from mbflow.testing.expectations import Result
from mbflow.testing.promises import PromiseResult
from mbflow.testing.run import Run
from mbflow.views.problems import place_text
from mbflow.views.promises import result_text
from mbflow.views.test_results import call_text


def junit_xml(run: Run) -> str:
    """Calls that cannot be run are errors of a suite of their own."""
    root = ElementTree.Element("testsuites", name="mbflow")
    for name, results in run.by_flow.items():
        _suite(root, name, results)
    if run.promises:
        _promises(root, run.promises)
    if run.errors:
        _problems(root, run.errors)
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ElementTree.indent(root)
    # References in place of signs: right in whatever encoding it is written.
    text = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _suite(root: ElementTree.Element, name: str, results: Iterable[Result]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=printable(name), errors="0")
    count = failed = 0
    for result in results:
        count, failed = count + 1, failed + bool(result.failures)
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=printable(name),
            name=printable(result.call.name),
            file=printable(result.file),
            line=str(result.line),
        )
        if result.failures:
            message = result.failures[0].message
            failure = ElementTree.SubElement(case, "failure", message=message)
            failure.text = call_text(result)
    suite.set("tests", str(count))
    suite.set("failures", str(failed))


def _promises(root: ElementTree.Element, results: Sequence[PromiseResult]) -> None:
    """What is only to be warned of passes, and is told as its output."""
    suite = ElementTree.SubElement(root, "testsuite", name="promises", errors="0")
    for result in results:
        name = f"{printable(result.promise.name)}: {printable(result.name)}"
        case = ElementTree.SubElement(suite, "testcase", classname="promises", name=name)
        case.set("file", PROJECT_FILE)
        case.set("line", str(result.promise.place[0]))
        if result.has_failed:
            failure = ElementTree.SubElement(case, "failure", message=printable(result.text))
            failure.text = result_text(result)
        elif result.text:
            ElementTree.SubElement(case, "system-out").text = result_text(result)
    suite.set("tests", str(len(results)))
    suite.set("failures", str(sum(one.has_failed for one in results)))


def _problems(root: ElementTree.Element, problems: Sequence[Problem]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name="files", failures="0")
    for problem in problems:
        place = place_text(problem)
        case = ElementTree.SubElement(suite, "testcase", classname="files", name=place)
        error = ElementTree.SubElement(case, "error", message=printable(problem.message))
        error.text = f"{place}: {printable(problem.message)} [{problem.rule}]"
    suite.set("tests", str(len(problems)))
    suite.set("errors", str(len(problems)))
