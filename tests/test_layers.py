"""The order of the rooms: imports only point down, the core is pure, names are nouns.

A module that stands in no room, imports upwards or is named by a participle fails here.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOMS = [
    "cli",
    "ci",
    "views",
    "apply",
    "plan",
    "api",
    "emulator",
    "testing",
    "state",
    "project",
    "rules",
    "simulator",
    "flow",
    "schema",
    "model",
]
"""From the top. A room imports only itself and what stands below it."""

PURE = {"model", "flow", "simulator", "rules", "schema.messages", "schema.violation"}
PURE |= {f"plan.{name}" for name in ("adoption", "diff", "document", "hazards", "markers")}
PURE |= {f"plan.{name}" for name in ("match", "model", "renames", "request_body", "secrets")}
PURE |= {"plan.calendars", "plan.staleness", "plan.calls", "plan.call_comparison"}
PURE |= {"plan.graph_diff", "plan.environments"}
PURE |= {f"testing.{name}" for name in ("call", "call_document", "coverage", "expectations")}
PURE |= {f"testing.{name}" for name in ("simulate", "suggestions", "transcript_text")}
PURE |= {f"testing.{name}" for name in ("answer", "call_graph", "dial_table", "number_coverage")}
PURE |= {"testing.page_flow", "testing.run"}
PURE |= {"project.project_document", "project.promise_document", "project.variables"}
PURE |= {"project.route_document", "project.calendar_document", "project.calendar_checks"}
PURE |= {"apply.approve", "apply.clean_body", "apply.live_document", "apply.result", "views"}
PURE |= {"project.format", "project.numbers_table", "project.write"}

IMPURE_MODULES = {"os", "sys", "io", "subprocess", "socket", "httpx", "click", "logging"}
IMPURE_MODULES |= {"sqlite3", "threading", "time", "tempfile", "shutil", "yaml"}
HTTPX_HOMES = {"api", "emulator.web_client"}

NOUNS = {"testing", "timing", "recording"}
"""Words that end like participles and are nouns of the field."""

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "mbflow").rglob("*.py"))
INSIDE = [path for path in MODULES if path.parent != ROOT / "mbflow"]


def name_of(path: Path) -> str:
    """`plan.diff`, and `rules` for its `__init__`."""
    parts = path.relative_to(ROOT / "mbflow").with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text()))]


@cache
def imports_of(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def rooms_used_by(path: Path) -> set[str]:
    ours = (name.split(".") for name in imports_of(path))
    return {parts[1] for parts in ours if parts[0] == "mbflow" and len(parts) > 1} - {"__version__"}


def is_among(name: str, places: set[str]) -> bool:
    return name in places or name.split(".")[0] in places


def test_there_is_nothing_beside_the_rooms():
    loose = {path.name for path in MODULES} - {path.name for path in INSIDE}
    assert loose == {"__main__.py"}
    assert {name_of(path).split(".")[0] for path in INSIDE} == set(ROOMS)


def test_imports_point_down():
    for path in INSIDE:
        floor = ROOMS.index(name_of(path).split(".")[0])
        above = {room for room in rooms_used_by(path) if ROOMS.index(room) < floor}
        assert not above, f"{name_of(path)} imports from {above}, which stands above it"


def test_the_core_is_pure():
    for path in INSIDE:
        if is_among(name_of(path), PURE):
            roots = {name.split(".")[0] for name in imports_of(path)}
            assert not roots & IMPURE_MODULES, name_of(path)
            calls = {
                node.func.id
                for node in nodes_of(path)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not calls & {"open", "print", "input", "exit"}, name_of(path)


def test_httpx_stays_in_its_homes():
    for path in INSIDE:
        if not is_among(name_of(path), HTTPX_HOMES):
            roots = {name.split(".")[0] for name in imports_of(path)}
            assert "httpx" not in roots, name_of(path)


def test_no_cycles():
    names = {f"mbflow.{name_of(path)}": path for path in INSIDE}
    edges = {name: imports_of(path) & names.keys() - {name} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for target in edges[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in names:
        visit(name, ())


def test_modules_are_named_by_nouns_and_verbs():
    for path in INSIDE:
        if name_of(path).startswith("rules."):
            continue  # named by the id that people read in a finding
        words = path.stem.strip("_").split("_")
        participles = [word for word in words if re.search(r"(ing|ed|en)$", word)]
        assert set(participles) <= NOUNS, f"{name_of(path)}: name it by a noun, or by what it does"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_belongs_in_it(room):
    text = ast.get_docstring(ast.parse((ROOT / "mbflow" / room / "__init__.py").read_text()))
    assert text, f"mbflow/{room}/__init__.py does not say which modules belong there"


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_of_a_room_bears_the_name_of_another(room):
    stems = [path.stem for path in (ROOT / "mbflow" / room).rglob("*.py")]
    stems = [stem.strip("_") for stem in stems if stem != "__init__"]
    assert sorted(stems) == sorted(set(stems))


def test_names_of_tests_are_short():
    found = re.findall(
        r"\bdef (test_\w{56,})",
        "\n".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py")),
    )
    assert found == [], "at most 60 characters"
