"""Files in the one style: `mbflow fmt` for one file. What a file means, and its comments, stay."""

from __future__ import annotations

from collections import Counter

from mbflow.model.paths import same_document
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.project.source import NotText, text_of, without_mark
from mbflow.project.write import in_flow_order
from mbflow.project.yaml.document import Document, read_yaml
from mbflow.project.yaml.layout import Style, document_lines
from mbflow.project.yaml.lost_text import RULE as LOST_TEXT
from mbflow.project.yaml.parser import error_at
from mbflow.project.yaml.tree import OddForm, Tree
from mbflow.project.yaml.tree_reader import tree_of

RULE = "yaml-limit"


def formatted(source: bytes, *, is_flow: bool) -> tuple[bytes, tuple[Problem, ...]]:
    """The file in the one style; where it cannot be, it as it is, and why.

    Keys are sorted in flow files. A byte order mark stays, and so does CRLF where the first line
    ends with it.
    """
    document = read_yaml(source)
    if has_errors(document.problems):
        return source, tuple(one for one in document.problems if one.severity is Severity.ERROR)
    if document.data is None:
        return source, ()  # It says nothing that has a style.
    try:
        text = text_of(source)
        tree = tree_of(text)
    except (OddForm, NotText) as odd:
        line = odd.line + (1 if isinstance(odd, OddForm) else 0)
        return source, (error_at(RULE, _ODD, (line, 1)),)
    before = Counter(tree.comments())
    new = source.removesuffix(without_mark(source)) + _styled(tree, document, is_flow=is_flow)
    if new != source and not _is_same(new, document, before):
        return source, (error_at(RULE, _CHANGED, (1, 1)),)
    return new, ()


_ODD = "This line is written in a way that mbflow fmt cannot keep. Write it in another way."
_CHANGED = "mbflow fmt would change what this file means, so it is left as it is: please report it."


def _styled(tree: Tree, document: Document, *, is_flow: bool) -> bytes:
    if is_flow and not any(node.alias for node in tree.root.nodes()):
        in_flow_order(tree.root)
    as_is = {problem.line for problem in document.problems if problem.rule == LOST_TEXT}
    end = tree.ends[0] if tree.ends else "\n"
    lines = document_lines(tree.root, tree.head, Style(as_is=as_is))
    return "".join(f"{line}{end}" for line in lines).encode()


def _is_same(new: bytes, before: Document, comments: Counter[str]) -> bool:
    """Whether the new file says the same, with the same comments and nothing more to warn of."""
    after = read_yaml(new)
    return (
        same_document(before.data, after.data)
        and [one.rule for one in after.problems] == [one.rule for one in before.problems]
        and Counter(tree_of(text_of(new)).comments()) == comments
    )
