"""What happens to a checkout between two applies: commits, renames, branches, damaged locks."""

from dataclasses import dataclass

from mbflow.emulator.quirks import Quirk

from .bodies import edited
from .tables import Tables

LOCK = "the lock was lost or set back"
"""An excuse: then a flow may be left that no lock knows, as long as it is named."""


@dataclass
class Past:
    """A state of a checkout that one can go back to."""

    files: dict
    lock: bytes | None
    tables: dict


class History:
    def __init__(self, story):
        self.story = story
        self.past = {side.repo: [] for side in story.sides}
        self.tables = {side.repo: Tables(story, side.repo) for side in story.sides}

    def title(self, side, name):
        """Sides share their titles, unless nothing but the title would tell their flows apart."""
        name = name.upper()
        shared = side is self.story.main or not self.story.is_markerless
        return name if shared else f"{side.name} {name}"

    def add(self, side, name, steps):
        if name in side.repo.names():
            return
        self.story.tell(f"{side.name}: add {name} with {len(steps)} steps")
        self._write(side, name, {"title": self.title(side, name), "steps": steps})

    def edit(self, side, name, how, text):
        if name not in side.repo.names() or (how == "title" and self.story.is_markerless):
            return
        self.story.tell(f"{side.name}: edit {name}: {how} {text!r}")
        body, settings = self._read(side, name)
        self._write(side, name, edited(body, how, text), **settings)

    def set_default(self, side, name, value):
        """Only one side speaks of the default: several on one account would fight for it."""
        if side is not self.story.main or name not in side.repo.names():
            return
        self.story.tell(f"{side.name}: default {value} in {name}")
        body, settings = self._read(side, name)
        if value:
            self._clear_other_defaults(side, name)
        settings["environments"] = ["production"]
        self._write(side, name, {**body, "default": value}, **settings)
        self.tables[side.repo].follow()

    def _clear_other_defaults(self, side, name):
        for other in side.repo.names():
            body, settings = self._read(side, other)
            if other != name and body.get("default"):
                self._write(side, other, {**body, "default": False}, **settings)

    def rename(self, side, name, new, declared):
        if name not in side.repo.names() or new in side.repo.names():
            return
        how = "" if declared else ", undeclared"
        self.story.tell(f"{side.name}: rename {name} to {new}{how}")
        side.repo.rename(name, new, declared=declared)
        self.tables[side.repo].follow(name, new)

    def copy(self, side, name, new):
        if name not in side.repo.names() or new in side.repo.names():
            return
        self.story.tell(f"{side.name}: copy the file {name} to {new}")
        body, settings = self._read(side, name)
        body.pop("default", None)
        if self.story.is_markerless:
            body["title"] = self.title(side, new)
        self._write(side, new, body, **settings)

    def remove(self, side, name):
        if name in side.repo.names() and len(side.repo.names()) > 1:
            self.story.tell(f"{side.name}: remove {name}")
            side.repo.remove(name)
            self.tables[side.repo].follow()

    def lead(self, side, place, name):
        """The fourth number is of the last environment, where there are several."""
        side = self._side_of(side, place)
        if Quirk.NO_NUMBERS_ENDPOINT not in self.story.quirks or side is self.story.other:
            self.tables[side.repo].lead(side, self.story.digits(side)[place], name)

    def take_out(self, side, place):
        side = self._side_of(side, place)
        self.tables[side.repo].take_out(side, self.story.digits(side)[place])

    def take_all_out(self, side):
        for digits in self.story.digits(side):
            self.tables[side.repo].take_out(side, digits)

    def _side_of(self, side, place):
        return [one for one in self.story.sides if one.repo is side.repo][-1 if place == 3 else 0]

    def protect(self, side, name):
        if name in side.repo.names():
            self.story.tell(f"{side.name}: protect {name}")
            body, settings = self._read(side, name)
            self._write(side, name, body, **{**settings, "protect": True})

    def _read(self, side, name):
        body = side.repo.read(name)
        return body, body.pop("mbflow", {})

    def _write(self, side, name, body, **settings):
        side.repo.write(name, body, **settings)

    def commit(self, side):
        repo = side.repo
        files = {name: repo.path(name).read_bytes() for name in repo.names()}
        lock = repo.lock_path.read_bytes() if repo.lock_path.exists() else None
        self.past[repo].append(Past(files, lock, self.tables[repo].save()))

    def go_back(self, side, steps):
        """Check out an older commit: a branch that is behind."""
        if len(self.past[side.repo]) <= steps:
            return
        state = self.past[side.repo][-1 - steps]
        self.story.tell(f"{side.name}: check out the commit {steps} applies ago")
        for name in side.repo.names():
            side.repo.remove(name)
        for name, content in state.files.items():
            side.repo.path(name).parent.mkdir(parents=True, exist_ok=True)
            side.repo.path(name).write_bytes(content)
        self.tables[side.repo].restore(state.tables)
        self._put_lock(side, state.lock)

    def set_lock_back(self, side, steps):
        if len(self.past[side.repo]) > steps:
            self.story.tell(f"{side.name}: the lock is that of {steps} applies ago")
            self._put_lock(side, self.past[side.repo][-1 - steps].lock)

    def lose_lock(self, side):
        self.story.tell(f"{side.name}: the lock is lost")
        self._put_lock(side, None)

    def break_lock(self, side, how):
        """A lock that cannot be used: of another project, cut off, or with merge marks."""
        path = side.repo.lock_path
        other = self.story.other if side.repo is self.story.main.repo else self.story.main
        if not path.exists() or not other.repo.lock_path.exists():
            return
        self.story.tell(f"{side.name}: the lock is {how}")
        content = {
            "foreign": other.repo.lock_path.read_bytes(),
            "cut off": path.read_bytes()[: path.stat().st_size * 2 // 3],
            "unmerged": b"<<<<<<< HEAD\n" + path.read_bytes() + b">>>>>>> branch\n",
        }[how]
        self._put_lock(side, content)

    def take_lock_from_git(self, side):
        """The last one that can be read; none, where there never was one."""
        self.story.tell(f"{side.name}: the lock is taken from git again")
        project = f"project: {side.repo.settings['project']}".encode()
        for state in reversed(self.past[side.repo]):
            self._put_lock(side, state.lock)
            if state.lock is None or (project in state.lock and self.story.is_readable(side)):
                return
        self._put_lock(side, None)

    def _put_lock(self, side, content):
        if content is None:
            side.repo.lock_path.unlink(missing_ok=True)
        else:
            side.repo.lock_path.write_bytes(content)
        self.story.excuses.add(LOCK)
        for one in self.story.sides:
            if one.repo is side.repo:
                one.base_known = False
