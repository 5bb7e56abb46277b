"""What was read of flow files before, kept below `.mbflow/.cache/` for as long as nothing changes.

An entry is found by the bytes of its file, and a cache by everything else that a reading depends
on: the code of mbflow, the schemas, the libraries that read, and the terms. Whoever deletes it
loses nothing. It is written whole, so that several processes may use it at once, and sealed with
a key of this user: what came with a repository, or from another machine, is not believed.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from hmac import compare_digest
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mbflow import __version__
from mbflow.project.discover import PROJECT_FILE
from mbflow.project.local_folder import STATE, make_local_folder

FOLDER = ".cache"
"""No environment can have this name."""
MOST_CACHES = 8
"""In one project: for other environments, other terms, other versions of mbflow."""
LARGEST_CACHE = 512 * 1024 * 1024
"""Bytes."""
_SEAL = 32
_LENGTH = 8
_KEY_LENGTH = 32
_ROOMS = ("model", "schema", "flow", "rules", "project", "schemas", "../schemas")
"""What a reading depends on, below the package."""
_LIBRARIES = ("yaml", "jsonschema", "jsonschema_rs", "phonenumbers", "idna")
_PACKAGE = Path(__file__).parent.parent


def digest(content: bytes) -> bytes:
    """The name of a content: no two contents that anybody can make have the same."""
    return blake2b(content, digest_size=20).digest()


class Cache:
    """Entries of plain data by file and content. It forgets what was not kept in this run."""

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        """Without a path nothing is kept."""
        self._path = path
        self._key = key
        self._known: dict[str, tuple[bytes, int, int]] = {}
        self._entries = memoryview(b"")
        if path is not None and (content := _sealed(path, key)):
            end = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
            self._known, self._entries = marshal.loads(content[_LENGTH:end]), content[end:]
        self._kept: dict[str, tuple[bytes, bytes | tuple[int, int]]] = {}
        self._has_news = False

    def __bool__(self) -> bool:
        """Whether anything was kept before."""
        return bool(self._known)

    def find(self, file: str, name: bytes) -> Any:
        """The entry of this file, if it is of this content; else None."""
        known, start, end = self._known.get(file, (b"", 0, 0))
        return marshal.loads(self._entries[start:end]) if known == name else None

    def keep(self, file: str) -> None:
        """The entry of this file still holds."""
        name, *place = self._known[file]
        self._kept[file] = name, (place[0], place[1])

    def add(self, file: str, name: bytes, entry: Any) -> None:
        """Keep plain data for this file with this content."""
        if self._path is not None:
            self._kept[file] = name, marshal.dumps(entry)
            self._has_news = True

    def save(self) -> None:
        """Write down what was kept or added. Where that fails, nothing is kept."""
        if self._path is None or not (self._has_news or self._kept.keys() != self._known.keys()):
            return
        parts: list[bytes | memoryview] = []
        known, end = {}, 0
        for file, (name, part) in self._kept.items():
            entry = part if isinstance(part, bytes) else self._entries[slice(*part)]
            parts.append(entry)
            known[file] = name, end, end + len(entry)
            end += len(entry)
        table = marshal.dumps(known)
        if end + len(table) < LARGEST_CACHE:
            with suppress(OSError):
                length = len(table).to_bytes(_LENGTH, "big")
                _write(self._path, self._key, (length, table, *parts))


def open_cache(root: Path, *terms: Any) -> Cache:
    """The project's cache for these terms. Empty, and not kept, where there can be none."""
    name = blake2b(repr((*terms, *_program())).encode(), digest_size=16).hexdigest()
    try:
        # What another user owns, or is no project, is left as it is.
        if (root / PROJECT_FILE).stat().st_uid != os.geteuid():
            return Cache()
        return Cache(root / STATE / FOLDER / name, _key(root))
    except (OSError, RuntimeError):  # RuntimeError: this user has no home.
        return Cache()


def _program() -> Iterator[object]:
    """What tells one program that reads from another: its files, as the file system knows them."""
    yield from (__version__, sys.version)
    for room in _ROOMS:
        with suppress(OSError), os.scandir(_PACKAGE / room) as files:
            yield sorted(_stamp(one.name, one.stat()) for one in files if one.is_file())
    with suppress(OSError), os.scandir(_PACKAGE / "project" / "yaml") as files:
        yield sorted(_stamp(one.name, one.stat()) for one in files if one.is_file())
    for library in _LIBRARIES:
        found = find_spec(library)
        if found is not None and found.origin is not None:
            yield _stamp(found.origin, Path(found.origin).stat())


def _stamp(name: str, found: os.stat_result) -> tuple[str, int, int]:
    return name, found.st_size, found.st_mtime_ns


def _key(root: Path) -> bytes:
    """This user's own, made on first use outside of the project. Raises OSError."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(home, "mbflow", "key")
    if not path.is_absolute() or path.resolve().is_relative_to(root.resolve()):
        raise FileNotFoundError(path)
    if not path.exists() or path.stat().st_size != _KEY_LENGTH:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, [os.urandom(_KEY_LENGTH)])
    with path.open("rb") as file:
        found, key = os.fstat(file.fileno()), file.read()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077 or len(key) != _KEY_LENGTH:
        raise PermissionError(path)
    return key


def _sealed(path: Path, key: bytes) -> memoryview:
    """What stands in the file; empty where it is not there, or this user did not write it."""
    # Not through a link, which may lead to a device without an end.
    ways = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with suppress(OSError), os.fdopen(os.open(path, ways), "rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_ISREG(found.st_mode) and found.st_size < 2 * LARGEST_CACHE:
            content = memoryview(file.read())
            if compare_digest(content[:_SEAL], _seal(path, [content[_SEAL:]], key)):
                return content[_SEAL:]
    return memoryview(b"")


def _seal(path: Path, parts: Iterable[bytes | memoryview], key: bytes) -> bytes:
    """Of the name as well: one cache is not to be taken for another."""
    seal = blake2b(path.name.encode(), key=key, digest_size=_SEAL)
    for part in parts:
        seal.update(part)
    return seal.digest()


def _write(path: Path, key: bytes, parts: Collection[bytes | memoryview]) -> None:
    if any(place.is_symlink() for place in (path.parent, path.parent.parent)):
        return
    make_local_folder(path.parent)
    _replace(path, (_seal(path, parts, key), *parts))
    caches = sorted(path.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in caches[MOST_CACHES:]:
        old.unlink(missing_ok=True)


def _replace(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Not synced: half a file would not be believed, and what is lost is read anew."""
    part = path.parent / f"{path.name}.{os.urandom(8).hex()}"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(parts)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
