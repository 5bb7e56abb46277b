"""Call flows as the text of new flow files: title first, in the one style.

What is written reads back as the same body with mbflow and with readers of YAML 1.1 alike.
"""

from __future__ import annotations

from mbflow.flow.vocabulary import action_of
from mbflow.model.flow import Body, Json, Path, SafeBody
from mbflow.project.variables import escaped
from mbflow.project.yaml.layout import document_lines
from mbflow.project.yaml.tree import Node, node_of, put_in_order
from mbflow.schema.validator import SETTINGS, condition_keys, flow_keys, sent_body, step_keys


def flow_text(body: SafeBody, *, schema: str | None) -> str:
    """The flow as the content of a flow file; `schema` is the schema's address for editors.

    Leaves out the fields that the service owns. Raises Error for what YAML cannot hold: half of
    a surrogate pair, an infinite number.
    """
    written = escaped(sent_body(body))
    assert isinstance(written, dict)
    return document_text(written, schema=schema)


def document_text(document: Body, *, schema: str | None) -> str:
    """The text of a flow file that holds this document, references and all."""
    head = [f"# yaml-language-server: $schema={schema}"] if schema else []
    root = in_flow_order(node_of(document))
    return "\n".join(document_lines(root, head)) + "\n"


def flow_order(path: Path, data: Json) -> list[str]:
    """The keys of the mapping at a path of a flow file in their order; unknown ones come behind.

    `data` is the mapping that holds it. At the top they come before the steps.
    """
    match path:
        case ():
            return [*(key for key in flow_keys() if key != "steps"), "", "steps", SETTINGS]
        case ("steps", int()):
            return list(step_keys())
        case ("steps", int(), "options"):
            action = data.get("action") if isinstance(data, dict) else None
            return list(action_of(str(action)).options)
        case ("steps", int(), "conditions", int()):
            return list(condition_keys())
        case _:
            return []


def in_flow_order(root: Node) -> Node:
    """The tree of a flow file with its keys in order, and a blank line above the settings."""
    put_in_order(root, flow_order)
    for number, entry in enumerate(root.entries):
        is_settings = entry.key is not None and entry.key.data == SETTINGS
        if is_settings and number and entry.above[:1] != [""]:
            entry.above.insert(0, "")
    return root
