"""The flows that simulated calls need, in the environments that they need them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mbflow.calls.call import FAILED, Fetched, Inline
from mbflow.calls.missing import broken, elsewhere, gone
from mbflow.calls.wordings import wordings
from mbflow.files.call_files import CallFile, is_file_name, read_reply
from mbflow.files.checkout import Checkout, read_checkout
from mbflow.files.tree import flow_files
from mbflow.files.yaml_reader import read_yaml
from mbflow.graph.program import Program, parse_program
from mbflow.printable import shortened
from mbflow.testing.secrets import with_stand_ins


class CalledFlows:
    """Reads each environment's files once. What cannot be had is given as a message for people."""

    def __init__(self, root: Path, environments: Sequence[str], environ: Mapping[str, str]) -> None:
        """`environments`: where calls are made that do not name one, the first choice first."""
        self._asked = environments
        self._root = root
        self._environ = environ
        self._checkouts: dict[str, Checkout] = {}
        self._programs: dict[tuple[str, str], Program] = {}

    def home(self, key: str) -> str:
        """The environment in which a flow is called: the first of those asked for that has it."""
        return next((name for name in self._asked if self._has(key, name)), self._asked[0])

    def read_checkouts(self) -> list[Checkout]:
        """Those that calls were made in, and always that of the first environment."""
        self.checkout(self._asked[0])
        return list(self._checkouts.values())

    def keys(self) -> Iterator[str]:
        """Of all flows that can be called in one of the environments asked for."""
        first = self.checkout(self._asked[0])
        yield from first.flows
        files = flow_files(self._root, first.project.flows)[0]
        left = {flow.key for flow in files} - first.flows.keys() - first.broken
        for name in self._asked[1:] if left else ():
            yield from left & self.checkout(name).flows.keys()

    def checkout(self, environment: str) -> Checkout:
        if environment not in self._checkouts:
            environ = with_stand_ins(self._root, environment, self._environ)
            read = read_checkout(self._root, environment, environ=environ)
            self._checkouts[environment] = read
        return self._checkouts[environment]

    def program(self, key: str, environment: str) -> Program | str:
        """The flow of a key in an environment, or why there is none."""
        program = self._programs.get((environment, key))
        if program is None:
            flow = self.checkout(environment).flows.get(key)
            if flow is None:
                return self._no_flow(key, environment)
            program = parse_program(key, flow.body, flow.shown)
            self._programs[environment, key] = program
        return program

    def any_program(self, key: str) -> Program | None:
        """The flow of a key where it is at home, else in another that calls were made in."""
        for environment in (self.home(key), *self._checkouts):
            program = self.program(key, environment)
            if isinstance(program, Program):
                return program
        return None

    def wordings(self, key: str) -> Mapping[str, str]:
        """What the flow shows where it is at home, to how its file words it."""
        flow = self.checkout(self.home(key)).flows[key]
        document = read_yaml((self._root / flow.file).read_bytes())
        return wordings(document.data, flow.shown)

    def fetched(
        self, url: str, given: Fetched, beside: CallFile, environment: str
    ) -> Program | str | None:
        """What a URL gives: a flow, None for a failure, or why it cannot be had."""
        if isinstance(given, Inline):
            return parse_program(shortened(url, 80), given.body, given.shown)
        if is_file_name(given):
            body = read_reply(given, beside, self._root)
            return body if isinstance(body, str) else parse_program(given, body)
        if given == FAILED and FAILED not in self.checkout(environment).flows:
            return None
        return self.program(given, environment)

    def _no_flow(self, key: str, environment: str) -> str:
        checkout = self.checkout(environment)
        if key in checkout.broken:
            return broken(key)
        others = [other for other in self._others(environment) if self._has(key, other)]
        if others:
            return elsewhere(key, environment, others[0])
        return gone(key, checkout.flows)

    def _others(self, environment: str) -> list[str]:
        names = self.checkout(environment).project.environments
        return [name for name in names if name != environment]

    def _has(self, key: str, environment: str) -> bool:
        return key in self.checkout(environment).flows
