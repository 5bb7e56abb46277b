"""Verbs and options of other tools, and what stands for each of them here, in one line.

Looked up only once a word is not known. What an answer names is held against the verbs by a test.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import click

_PLAN = "`mbflow plan` shows what would change, and changes nothing."
_APPLY = "`mbflow apply` makes the live flows what the files say."
_CHECK = "`mbflow validate` checks the files, and `mbflow test` makes the simulated calls."
_IMPORT = "`mbflow import --all` writes the live flows into files."
_DELETE = "remove the file of a flow, and the next `mbflow apply` deletes its live flow."
_NO_STATE = "the account itself is read by every `mbflow plan`; there is no state to keep."
_ENVIRONMENTS = "environments stand in mbflow.yaml, and `mbflow plan -e NAME` takes one."
_LISTS = "`mbflow flows list` lists the live flows; numbers, calls, webhooks have a list, too."
_KEY = "the access key is taken from the process variable that mbflow.yaml names (access_key_env)."
_UNLOCK = "a run that has ended holds nothing. mbflow.lock.yaml keeps ids, and stays in git."
_NEW = "`mbflow init` starts a project; a new flow is a new file below flows/."
_NO_MODULES = "nothing has to be fetched before `mbflow plan`."
_GET = "`mbflow flows get FLOW` prints a live flow; `mbflow plan` needs nothing fetched before."
_EMULATE = "`mbflow emulate` serves the Voice API on this machine."
_UNDO = "`mbflow rollback` brings back what was live before an apply."
_VALUES = "`mbflow flows list --format json` is for programs."
_CALLS = "`mbflow test` makes the simulated calls; `mbflow calls start` makes a real one."
_AGAIN = "every flow that is not as its file says is written by the next `mbflow apply`."

_BY_VERB = {
    _APPLY: "up deploy sync push release publish",
    _PLAN: "preview changes status synth",
    _CHECK: "lint check verify",
    _IMPORT: "dump pull export download clone backup",
    _DELETE: "destroy down delete remove rm",
    _NO_STATE: "refresh state",
    _ENVIRONMENTS: "workspace workspaces stack env environment environments",
    _LISTS: "ls list",
    _KEY: "login logout auth configure",
    _UNLOCK: "force-unlock unlock",
    _NEW: "new bootstrap scaffold",
    _NO_MODULES: "providers modules install upgrade",
    _EMULATE: "serve server mock",
    _GET: "get describe",
    _UNDO: "undo revert restore",
    _VALUES: "output outputs",
    _CALLS: "run call dial",
    _AGAIN: "taint untaint replace",
    "`mbflow show PLANFILE --format json` writes a saved plan.": "show-json",
    "`mbflow simulate FLOW` walks a call flow by hand.": "console repl shell",
    "`mbflow plan --detailed-exitcode` ends with 2 for changes.": "drift watch",
    "`mbflow fmt` writes the files in one style.": "format prettify reformat",
    "`mbflow --version` prints it.": "version",
}
"""What is told, and the verbs of others to which that is the answer."""

VERBS: Mapping[str, str] = {
    word: answer for answer, words in _BY_VERB.items() for word in words.split()
}
_STATE: Mapping[str, str] = {
    "state list": "`mbflow flows list` lists the live flows; mbflow.lock.yaml has their names.",
    "state show": "`mbflow flows get FLOW` prints a live flow.",
    "state rm": "`mbflow forget FLOW` takes a name out of the lock, and leaves its live flow.",
    "state mv": "rename the file: `mbflow plan` finds its live flow by the marker.",
    "state pull": _IMPORT,
    "state push": _APPLY,
}
_SAME = {
    **dict.fromkeys(("ls", "index", "all"), "list"),
    **dict.fromkeys(("show", "describe", "view", "read"), "get show"),
    **dict.fromkeys(("rm", "remove", "destroy"), "delete hangup"),
    **dict.fromkeys(("new", "add", "make", "create", "dial"), "create start assign"),
    **dict.fromkeys(("edit", "set", "change", "put"), "update assign"),
    **dict.fromkeys(("stop", "end", "cancel", "delete"), "hangup"),
    **dict.fromkeys(("link", "attach", "bind"), "assign"),
    **dict.fromkeys(("fetch", "save"), "download"),
}
"""Of what is done with calls, webhooks and so on: the word of others to those that may be here."""

_YES = ("--auto-approve", "--yes")
_STOPS = "only a terminal is asked: `mbflow apply --auto-approve`, or a saved plan, is not."
_NOT_A_RUN = "`mbflow plan` changes nothing and shows what apply would do."
_DOCUMENT = "every verb writes a document: `mbflow plan --format json`."
_VARIABLES = "values stand in mbflow.yaml under variables; `env: NAME` takes a process variable."
_READ = "the account is read each time; there is no state that could be old."
_COLOUR = "colour is for terminals only; with NO_COLOR=1 in the environment there is none."
_DELETES = "remove the flows' files, and `mbflow plan` shows what is then deleted."
_HAZARDS = "nothing is forced; `mbflow apply --allow FLOW` acknowledges the hazards of a flow."
_TURNS = "runs in a folder take turns, always; nothing stays locked behind them."
_PART = "`mbflow plan --target FLOW` looks at that flow only."
_FOLDER = "`mbflow -C DIR plan` works in DIR."
_SAVED = "`mbflow plan --out plan.json` saves a plan; what is printed takes a > FILE."
_BELOW_FOLDERS = "folders are read with all that lies below them."

_BY_OPTION: Sequence[tuple[str, Sequence[str], str]] = (
    ("dry-run n noop no-op", (), _NOT_A_RUN),
    ("auto-approve yes y assume-yes approve doit no-prompt", _YES, _STOPS),
    ("input non-interactive require-approval", (), _STOPS),
    ("force", ("--force",), _HAZARDS),
    ("target only", ("--target",), _PART),
    ("exclude", (), _PART),
    ("var var-file set values", (), _VARIABLES),
    ("out o output", ("--out", "--output"), _SAVED),
    ("detailed-exitcode", (), "`mbflow plan --detailed-exitcode` ends with 2 for changes."),
    ("json", ("--format json",), _DOCUMENT),
    ("refresh-only", (), "`mbflow plan` shows what was edited outside git."),
    ("refresh state", (), _READ),
    ("destroy delete prune", (), _DELETES),
    ("parallelism concurrency", ("--parallelism",), "`mbflow apply --parallelism N` has it."),
    ("lock lock-timeout", (), _TURNS),
    ("chdir cwd directory", ("-C",), _FOLDER),
    ("no-color no-colour color colour", (), _COLOUR),
    ("replace taint", (), _AGAIN),
    ("upgrade reconfigure backend-config backend migrate-state", (), _NO_MODULES),
    ("recursive", (), _BELOW_FOLDERS),
    ("env stack workspace profile stage", ("--environment",), _ENVIRONMENTS),
    ("check", (), "`mbflow fmt --check` names the files that it would rewrite."),
    ("version", ("--version",), "`mbflow --version` prints it."),
)
"""Options of others, without dashes; what a verb may have in their place; and else the answer."""

OPTIONS: Mapping[str, tuple[Sequence[str], str]] = {
    word: (same, answer) for words, same, answer in _BY_OPTION for word in words.split()
}


def answer_to(error: click.ClickException) -> str:
    """What stands here for a word that click does not know; "" where it is no habit of others."""
    context: click.Context | None = getattr(error, "ctx", None)
    if context is None:
        return ""
    if isinstance(error, click.NoSuchOption):
        known = names_of_options(context.command, context)
        return option_answer(error.option_name, context.command_path, known)
    word: str = getattr(error, "command_name", "")  # click has it from 8.4 on
    return verb_below(word, context.command_path, getattr(context.command, "commands", ()))


def verb_answer(words: Sequence[str]) -> str:
    """What stands here for the verb that these words begin with; "" where none is known."""
    answer = _STATE.get(" ".join(words[:2])) or VERBS.get(words[0], "")
    return f"mbflow has no {words[0]}: {answer}" if answer else ""


def verb_below(word: str, group: str, known: Collection[str]) -> str:
    """The same for a verb of a group, as in `calls ls`."""
    same = next((one for one in _SAME.get(word, "").split() if one in known), "")
    return f"{group} has no {word}: `{group} {same}` does that." if same else ""


def option_answer(option: str, verb: str, known: Collection[str]) -> str:
    """The same for an option, as it was written. `known` are the options of the verb."""
    name = option_name(option)
    same, answer = OPTIONS.get(name, ((), ""))
    own = next((one for one in (f"--{name}", *same) if one in known), "")
    told = f"write {own}." if own else answer
    return f"{verb} has no {option.partition('=')[0]}: {told}" if told else ""


def option_name(word: str) -> str:
    """`-target=x` and `--target` are `target`."""
    return word.lstrip("-").partition("=")[0]


def is_long(word: str, known: Collection[str]) -> bool:
    """Whether a word behind one dash is the name of an option, and not letters in a row."""
    name = option_name(word)
    return len(name) > 1 and (name in OPTIONS or f"--{name}" in known)


def names_of_options(command: click.Command, ctx: click.Context) -> set[str]:
    """`--format`, and with each of its choices: `--format json`."""
    names: set[str] = set()
    for parameter in command.get_params(ctx):
        if isinstance(parameter, click.Option):
            choices = getattr(parameter.type, "choices", ())
            names |= {*parameter.opts, *parameter.secondary_opts}
            names |= {f"{name} {choice}" for name in parameter.opts for choice in choices}
    return names
