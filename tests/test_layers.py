"""Imports only point down. The table is the drawing of the house; a module outside it fails."""

import ast
from pathlib import Path

import pytest

LAYERS = [
    {"cli", "__main__"},
    {"commands"},
    {"commandline"},
    {"views"},
    {"apply", "planning", "importing", "tying", "rollback", "testing"},
    {"api", "files", "lock", "journal", "records", "snapshots"},
    {"exchange"},
    {"plan", "compare", "schema", "rules", "simulator", "graph", "coverage", "project"}
    | {"calls"}
    | {"project_document", "mistakes", "violation", "variables", "suggestion"},
    {"model", "problem", "errors", "printable"},
]
PURE = {"plan", "compare", "rules", "simulator", "graph", "coverage", "project", "calls"}
PURE |= {"project_document", "mistakes", "violation", "variables", "suggestion"}
PURE |= {"model", "problem", "errors", "printable"}
IMPURE_MODULES = {"os", "sys", "io", "subprocess", "socket", "httpx", "click", "logging"}
IMPURE_MODULES |= {"sqlite3", "threading", "time", "tempfile", "shutil", "yaml"}
HTTPX_HOMES = ("mbflow/api/", "mbflow/exchange/outbound")

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "mbflow").rglob("*.py"))


def part_of(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else "__init__"


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "mbflow":
                found |= {f"mbflow.{alias.name}" for alias in node.names}
    return found


def own_part(path: Path) -> str:
    return path.relative_to(ROOT / "mbflow").parts[0].removesuffix(".py")


def level(part: str) -> int:
    return next((n for n, layer in enumerate(LAYERS) if part in layer), -1)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    part = own_part(path)
    if part == "__init__":
        return
    assert level(part) >= 0, f"{part} is in no layer"
    for name in imports_of(path):
        target = part_of(name)
        if name.split(".")[0] != "mbflow" or target in {part, "__init__", "__version__"}:
            continue
        assert level(target) >= level(part), f"{path} imports {name}, which stands above it"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if own_part(p) in PURE], ids=lambda p: str(p.relative_to(ROOT))
)
def test_the_core_is_pure(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & IMPURE_MODULES
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exit"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_httpx_stays_in_its_homes(path):
    if not path.relative_to(ROOT).as_posix().startswith(HTTPX_HOMES):
        assert "httpx" not in {name.split(".")[0] for name in imports_of(path)}


def test_no_cycles():
    graph = {}
    for path in MODULES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        graph[module.removesuffix(".__init__")] = path
    names = set(graph)
    edges = {name: imports_of(path) & names - {name} for name, path in graph.items()}
    seen: dict[str, str] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in seen:
            for target in edges[name]:
                visit(target, (*trail, name))
            seen[name] = "done"

    for name in names:
        visit(name, ())
