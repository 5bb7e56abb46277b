"""The flows that simulated calls need, in the environments that they need them in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mbflow.calls.call import FAILED, Fetched, Inline
from mbflow.files.call_files import CallFile, is_file_name, read_reply
from mbflow.files.checkout import Checkout, read_checkout
from mbflow.graph.program import Program, parse_program
from mbflow.printable import shortened
from mbflow.suggestion import did_you_mean


class CalledFlows:
    """Reads each environment's files once. What cannot be had is given as a message for people."""

    def __init__(self, root: Path, default: str, environ: Mapping[str, str]) -> None:
        self.default = default
        self._root = root
        self._environ = environ
        self._checkouts: dict[str, Checkout] = {}
        self._programs: dict[tuple[str, str], Program] = {}

    def checkout(self, environment: str) -> Checkout:
        if environment not in self._checkouts:
            read = read_checkout(self._root, environment, environ=self._environ)
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
        """The flow of a key in the default environment, else in another that calls were run in."""
        for environment in (self.default, *self._checkouts):
            program = self.program(key, environment)
            if isinstance(program, Program):
                return program
        return None

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
        name = shortened(key, 80)
        if key in checkout.broken:
            return f'The flow "{name}" has errors, so it cannot be called.'
        elsewhere = [other for other in self._others(environment) if self._has(key, other)]
        if elsewhere:
            return (
                f'The flow "{name}" is not for the environment {environment}. '
                f"Name one that it is for in the call: environment: {elsewhere[0]}"
            )
        guess = did_you_mean(key, checkout.flows) or " Its file is gone; remove the calls as well."
        return f'There is no flow "{name}".{guess}'

    def _others(self, environment: str) -> list[str]:
        names = self.checkout(environment).project.environments
        return [name for name in names if name != environment]

    def _has(self, key: str, environment: str) -> bool:
        return key in self.checkout(environment).flows
