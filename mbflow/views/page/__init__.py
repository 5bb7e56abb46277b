"""The page: one HTML file that shows flows and plays their calls, and asks nobody for anything.

`page.html` is the frame, `style.css` and the modules of JavaScript are put into it; what they show
is one JSON value. Whoever reads it makes text nodes of its texts, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.resources import files

from mbflow.model.flow import Json
from mbflow.model.text import printable

MODULES = (
    "elements",
    "voice",
    "boxes",
    "drawing",
    "utterance",
    "walker",
    "saved_call",
    "way",
    "transcript",
    "calls",
    "dial",
    "steps",
    "tabs",
    "flow",
    "change",
    "overview",
    "list",
    "main",
)
"""The modules of JavaScript, each before those that import it."""
MARK = "<!doctype html>\n<!-- Written by mbflow page -->\n"
"""How every page begins."""
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class|const|function)", re.MULTILINE)


def page_html(document: Mapping[str, Json]) -> str:
    """The whole file. `document` is what `testing.page_document` or `plan_document` gathers."""
    style, layout, script = _part("style.css"), _layout(), _script()
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; "
        f"script-src {_digest(layout)} {_digest(script)}; base-uri 'none'; form-action 'none'"
    )
    title = printable(str(document.get("project", ""))).replace("&", "&amp;").replace("<", "&lt;")
    parts = {
        "policy": policy,
        "title": title,
        "style": style,
        "document": data_text(document),
        "layout": layout,
        "script": script,
    }
    # In one go, so that what is put in is not looked through for names again.
    return MARK + re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _part("page.html"))


def data_text(document: Mapping[str, Json]) -> str:
    """JSON that can stand in a script element: nothing in it ends or begins an element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _script() -> str:
    """All modules as one: the browser would have to ask for what they import."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", _part(f"{name}.js"))) for name in MODULES)


def _layout() -> str:
    """dagre as it came (see ORIGIN), without the comment that names a file to ask for."""
    text = re.sub(r"^//# sourceMappingURL=.*\n?", "", _part("dagre.min.js"), flags=re.MULTILINE)
    return re.sub(r"/\*!.*?\*/\n?", "", text) + f"/* {_part('dagre.LICENSE').strip()} */\n"


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _part(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
