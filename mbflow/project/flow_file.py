"""One flow file in the environments that it is for: its flow, and everything wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from mbflow.model.flow import Flow, Json, RawBody, SafeBody, Settings
from mbflow.model.paths import value_at
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.project import Environment
from mbflow.model.text import did_you_mean, shortened
from mbflow.project.sound_part import Doubts, doubts_of, sound_part
from mbflow.project.variables import fill, names_in, origin
from mbflow.project.yaml.document import Document, read_yaml
from mbflow.project.yaml.lost_text import RULE as LOST_TEXT
from mbflow.rules import RULES, Rule
from mbflow.rules.rule import Check, Fact
from mbflow.schema.messages import Mistake, mistakes, not_a_flow
from mbflow.schema.validator import SERVICE_FIELDS, SETTINGS, is_valid, sent_body


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms flow files are read."""

    environments: tuple[Environment, ...]
    """For each of these."""
    known_environments: frozenset[str] | None = None
    """Names that a file may restrict itself to; None: any."""
    severities: Mapping[str, str] = field(default_factory=dict)
    unset: Severity = Severity.WARNING
    """What a variable without a value is."""
    variables_known: bool = True
    """False where the project file is wrong: references are then left alone."""
    errors_only: bool = False
    """Leave out rules that can only warn: half of the work, and not what a plan is read for."""

    # Decided once a run, not once a flow and rule.
    rules: tuple[Rule, ...] = field(init=False, repr=False)
    """Those that are asked."""
    checks: tuple[tuple[Rule, Check], ...] = field(init=False, repr=False)
    """Those of them that look at one flow, with what they ask."""
    facts: tuple[tuple[Rule, Fact], ...] = field(init=False, repr=False)
    """Those that look at all flows, with what they must know of each."""

    def __post_init__(self) -> None:
        rules = tuple(rule for rule in RULES.values() if self._applies(rule))
        checks = tuple((rule, rule.check) for rule in rules if rule.check is not None)
        facts = tuple((rule, rule.fact) for rule in rules if rule.fact is not None)
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "checks", checks)
        object.__setattr__(self, "facts", facts)

    def _applies(self, rule: Rule) -> bool:
        if not self.errors_only or rule.severity is Severity.ERROR:
            return True
        return self.severities.get(rule.id) == Severity.ERROR


class Reading(NamedTuple):
    """What one file says in those environments in which it says the same."""

    name: str
    file: str
    environments: tuple[str, ...]
    """Empty for a file that is for none of the environments asked for."""
    problems: tuple[Problem, ...] = ()
    flow: Flow | None = None
    """None where the file has errors, or is for none of the environments asked for."""
    facts: Mapping[str, Any] = {}
    """Rule id to what the rules that look at all flows must know of this one."""
    variables: tuple[str, ...] | None = ()
    """The names of the variables that the file refers to; None where it cannot be read."""


def read_flow(source: bytes, name: str, file: str, terms: Terms) -> list[Reading]:
    """A reading for each group of environments that agree on the file's variables."""
    document = read_yaml(source, with_lost_text=RULES[LOST_TEXT] in terms.rules)
    if document.data is None and has_errors(document.problems):
        names = tuple(environment.name for environment in terms.environments)
        problems = tuple(replace(problem, file=file) for problem in document.problems)
        return [Reading(name, file, names, problems, variables=None)]
    wanted = _wanted(document.data, terms)
    refers = b"${" in source and terms.variables_known
    names = tuple(sorted(names_in(document.data))) if refers else ()
    groups = _agreeing(wanted, names) if names and wanted else [wanted]
    found = [_Reader(document, name, file, terms).reading(group, refers) for group in groups]
    return [one._replace(variables=names) for one in found] if names else found


def _wanted(document: Json, terms: Terms) -> tuple[Environment, ...]:
    """The environments that the file does not exclude."""
    block = document.get(SETTINGS) if isinstance(document, dict) else None
    names = block.get("environments") if isinstance(block, dict) else None
    if not isinstance(names, list):
        return terms.environments
    return tuple(environment for environment in terms.environments if environment.name in names)


def _agreeing(
    environments: Sequence[Environment], names: Iterable[str]
) -> list[tuple[Environment, ...]]:
    """Groups of environments that give the same values to all variables of these names."""
    groups: dict[str, list[Environment]] = {}
    for environment in environments:
        found = [environment.variables.get(name) for name in names]
        values = repr([of and (of.value, of.secret, of.trouble) for of in found])
        groups.setdefault(values, []).append(environment)
    return [tuple(group) for group in groups.values()]


class _Reader:
    """Collects the problems of one document, in one group of environments."""

    def __init__(self, document: Document, name: str, file: str, terms: Terms) -> None:
        self.document = document
        self.name = name
        self.file = file
        self.terms = terms
        self.problems: list[Problem] = list(document.problems)
        self.mistakes: list[Mistake] = []

    def reading(self, group: tuple[Environment, ...], refers: bool) -> Reading:
        raw = safe = judged = self.document.data
        if refers and group:
            raw, safe, judged = self._filled(group[0])
        self._check_schema(judged)
        flow = self._flow(raw, safe)
        if flow is None:
            return self._reading(group, Settings(), None)
        self._check_settings(flow.settings)
        doubts = doubts_of(raw, self.mistakes) if isinstance(raw, dict) else Doubts()
        # Rules look past a reference that has no value; `${` that is text is none to them.
        seen = flow if judged is raw else self._flow(judged, judged if safe is raw else safe)
        assert seen is not None
        for rule, check in self.terms.checks:
            if not doubts.silence(rule):
                for finding in check(seen):
                    if not doubts.cover(rule, finding):
                        self.problems.append(rule.problem(finding))
        return self._reading(group, flow.settings, flow, doubts)

    def _flow(self, raw: Json, safe: Json) -> Flow | None:
        """The flow for the rules: the part of it that fits the schema. None where there is none."""
        if has_errors(self.document.problems):
            return None  # which values these spoilt is not known
        if self.mistakes:
            raw, safe = (sound_part(one, self.mistakes) for one in (raw, safe))
        if not isinstance(raw, dict) or not isinstance(safe, dict):
            return None
        settings = _settings(raw.get(SETTINGS))
        return Flow(self.name, self.file, RawBody(raw), SafeBody(safe), settings)

    def _filled(self, environment: Environment) -> tuple[Json, Json, Json]:
        """The document with variables: body, shown, judged; the `mbflow` block knows none.

        The judged one is the body itself where no text holds `${`.
        """
        data = self.document.data
        if not isinstance(data, dict):
            return data, data, data
        block = {name: value for name, value in data.items() if name == SETTINGS}
        rest = {name: value for name, value in data.items() if name != SETTINGS}
        filled = fill(rest, environment.variables, unset=self.terms.unset)
        self.problems.extend(filled.problems)
        filled_in = (filled.raw, filled.safe, filled.judged)
        raw, safe, judged = (part | block for part in filled_in if isinstance(part, dict))
        return raw, safe, raw if filled.judged is filled.raw else judged

    def _check_schema(self, body: Json) -> None:
        is_as_read = body is self.document.data
        has_odd_number = self.document.has_odd_number if is_as_read else None
        if is_valid("call-flow", body, has_odd_number=has_odd_number):
            return
        other = not_a_flow(body)
        if other:
            self.problems.append(Problem("schema", Severity.ERROR, other, self.file, 1, 1))
            self.mistakes.append(Mistake((), other))
            return
        told = {
            (problem.line, problem.column)
            for problem in self.problems
            if problem.severity is Severity.ERROR
        }
        for mistake in mistakes("call-flow", body, self.document.source_text):
            place = self.document.place(mistake.path, key=mistake.at_key)
            self.mistakes.append(mistake)
            if place not in told:
                self._add("schema", mistake.message, mistake.path, place)

    def _check_settings(self, settings: Settings) -> None:
        known = self.terms.known_environments
        for place, name in enumerate(settings.environments or ()):
            if known is not None and name not in known:
                message = f'There is no environment "{shortened(name, 60)}".'
                message += did_you_mean(name, known) or " Declare it in mbflow.yaml."
                self._add("unknown-environment", message, (SETTINGS, "environments", place))
        for name in settings.exceptions:
            trouble = exception_trouble(name)
            if trouble:
                path = (SETTINGS, "exceptions", name)
                place_of_key = self.document.place(path, key=True)
                self._add("unknown-rule", trouble, path, place_of_key)

    def _add(
        self, rule: str, message: str, path: tuple[str | int, ...], place: tuple[int, int] = (0, 0)
    ) -> None:
        line, column = place
        problem = Problem(rule, Severity.ERROR, message, line=line, column=column, path=path)
        self.problems.append(problem)

    def _reading(
        self,
        group: tuple[Environment, ...],
        settings: Settings,
        flow: Flow | None,
        doubts: Doubts | None = None,
    ) -> Reading:
        judged = judge(self.problems, self.terms.severities, settings.exceptions)
        problems = tuple(self._placed(self._explained(problem, group)) for problem in judged)
        facts = _facts(flow, self.terms, doubts or Doubts()) if flow is not None and group else {}
        if flow is not None:
            flow = None if has_errors(problems) or not group else _as_sent(flow)
        names = tuple(environment.name for environment in group)
        return Reading(self.name, self.file, names, problems, flow, facts)

    def _explained(self, problem: Problem, group: Sequence[Environment]) -> Problem:
        """With the value that a variable has, where that is what the problem is about."""
        if not group or not problem.path or problem.rule in _OF_VARIABLES:
            return problem
        where = origin(value_at(self.document.data, problem.path), group[0].variables)
        return replace(problem, message=problem.message + where) if where else problem

    def _placed(self, problem: Problem) -> Problem:
        if problem.line or not problem.path:
            return replace(problem, file=self.file)
        line, column = self.document.place(problem.path)
        return problem.at(self.file, line, column)


def judge(
    problems: Iterable[Problem], severities: Mapping[str, str], exceptions: Mapping[str, str]
) -> Iterator[Problem]:
    """The problems as the project wants them: rules of warning severity raised, or left out."""
    for problem in problems:
        if problem.severity is Severity.ERROR:
            yield problem
        elif problem.rule not in exceptions:
            wanted = severities.get(problem.rule, Severity.WARNING)
            if wanted != "off":
                yield replace(problem, severity=Severity(wanted))


def exception_trouble(rule: str) -> str:
    """Why a rule cannot be excepted or lowered; "" where it can."""
    known = [name for name, of in RULES.items() if of.severity is Severity.WARNING]
    if rule not in RULES:
        guess = did_you_mean(rule, known) or " `mbflow explain` lists the rules."
        return f'There is no rule "{shortened(rule, 60)}".{guess}'
    if rule not in known:
        return f'The rule "{rule}" is an error: it cannot be excepted, lowered or turned off.'
    return ""


def _facts(flow: Flow, terms: Terms, doubts: Doubts) -> dict[str, Any]:
    facts = {
        rule.id: fact(flow)
        for rule, fact in terms.facts
        if rule.id not in flow.settings.exceptions and not doubts.silence(rule)
    }
    return {rule: fact for rule, fact in facts.items() if fact is not None}


def _as_sent(flow: Flow) -> Flow:
    if not flow.body.keys() & _STAYS_HOME:
        return flow
    body = sent_body(flow.body)
    raw = RawBody(body) if flow.body is flow.raw else sent_body(flow.raw)
    return Flow(flow.name, flow.file, raw, body, flow.settings)


def _settings(block: Any) -> Settings:
    if not block:
        return _NO_SETTINGS
    environments = block.get("environments")
    return Settings(
        protect=block.get("protect", False),
        description=block.get("description", ""),
        was=block.get("was"),
        environments=None if environments is None else tuple(environments),
        exceptions=block.get("exceptions", {}),
    )


_NO_SETTINGS = Settings()
_OF_VARIABLES = ("unknown-variable", "unset-variable")
_STAYS_HOME = {SETTINGS, *SERVICE_FIELDS}
