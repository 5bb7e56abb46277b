"""The switches for what nobody knows about the real service, each with the line that explains it.

Without a quirk the emulator does what the documentation and the captures of real traffic suggest.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from mbflow.model.errors import UsageError
from mbflow.model.text import Command


class Quirk(StrEnum):
    """One way in which the real service might differ. The value is the name users type."""

    description: str

    def __new__(cls, name: str, description: str) -> Quirk:
        quirk = str.__new__(cls, name)
        quirk._value_ = name
        quirk.description = description
        return quirk

    LIST_WITHOUT_TITLES = "list-without-titles", "Lists of call flows leave titles out."
    LIST_WITHOUT_STEPS = "list-without-steps", "Lists of call flows leave steps out."
    GET_WITHOUT_TITLE = "get-without-title", "GET of one call flow leaves its title out."
    DEFAULTS_WRITTEN = (
        "defaults-written",
        "Options that were not sent are stored with their documented defaults.",
    )
    UNKNOWN_KEYS_DROPPED = (
        "unknown-keys-dropped",
        "Keys that the API does not know are dropped instead of stored.",
    )
    EMPTY_OPTIONS_DROPPED = (
        "empty-options-dropped",
        'Optional options that are 0, false or "" are dropped instead of stored.',
    )
    UNTITLED_AS_EMPTY = (
        "untitled-as-empty",
        'A call flow without a title is returned with the title "".',
    )
    STEP_IDS_REPLACED = (
        "step-ids-replaced",
        "Step ids chosen by the client become UUIDs; onKeypressGoto follows them.",
    )
    STEP_IDS_REISSUED = (
        "step-ids-reissued",
        "PUT gives steps without an id new ids instead of those they had at their place.",
    )
    PUT_MERGES = (
        "put-merges",
        "PUT keeps the top-level keys that its body leaves out, instead of replacing the flow.",
    )
    UNCHANGED_PUT_KEEPS_TIME = (
        "unchanged-put-keeps-time",
        "PUT of what is already stored does not move updatedAt.",
    )
    EMPTY_LIST_NULL = "empty-list-null", "An empty list has data null instead of []."
    PER_PAGE_CAP = "per-page-cap", "No page holds more than 5 objects, whatever perPage asks for."
    PER_PAGE_IGNORED = "per-page-ignored", "Every page holds 10 objects, whatever perPage asks for."
    LEGACY_PAGING_IGNORED = (
        "legacy-paging-ignored",
        "Only page and perPage are understood; currentPage, limit and offset are not.",
    )
    ORDER_CHANGES = (
        "order-changes",
        "Now and then the order of a list turns by one place between two requests.",
    )
    LANGUAGE_NORMALISED = (
        "language-normalised",
        "Language tags are returned in their proper case: en-us becomes en-US.",
    )
    STALE_READS = "stale-reads", "Reads show a write only half a second after it."
    SECOND_DEFAULT_REFUSED = (
        "second-default-refused",
        "A second default flow is refused instead of taking the default over.",
    )
    DELETE_REFUSED_WITH_NUMBERS = (
        "delete-refused-with-numbers",
        "DELETE of a flow that has numbers is refused instead of unbinding them.",
    )
    LINKED_NUMBER_409 = (
        "linked-number-409",
        "A number that another flow has is refused with 409, and the whole request with it;"
        " linked-number-added then does nothing.",
    )
    LINKED_NUMBER_ADDED = (
        "linked-number-added",
        "A number that another flow has keeps it and gets a second link instead of moving.",
    )
    NUMBERS_PUT_ADDS = (
        "numbers-put-adds",
        "PUT of numbers adds them to those of the flow instead of replacing these.",
    )
    LINKS_SEEN_LATE = (
        "links-seen-late",
        "Reads of the links of numbers show a write only half a second after it.",
    )
    NO_NUMBERS_ENDPOINT = "no-numbers-endpoint", "The number endpoints answer 404."
    UNKNOWN_ACTIONS_ACCEPTED = (
        "unknown-actions-accepted",
        "Steps whose action is not documented are stored instead of refused.",
    )
    WEBHOOK_ECHOED = "webhook-echoed", "Answers about a call repeat the webhook it was given."
    INVALID_CONTENT_400 = (
        "invalid-content-400",
        "Requests with invalid content are refused with 400 instead of 422.",
    )
    CONFLICT_409 = (
        "conflict-409",
        "What the state of an object does not allow is refused with 409 instead of 422.",
    )
    MALFORMED_VERSION_REFUSED = (
        "malformed-version-refused",
        "A header X-MessageBird-Version that is no date such as 20170314 is refused.",
    )


def find_quirks(names: Iterable[str]) -> frozenset[Quirk]:
    """The quirks of these names; raises `UsageError` for names that there are not."""
    names = set(names)
    known = {quirk.value: quirk for quirk in Quirk}
    unknown = sorted(names - known.keys())
    if unknown:
        raise UsageError(
            f"There is no quirk named {', '.join(unknown)}.",
            "List the quirks with:",
            Command("mbflow", "emulate", "--list-quirks"),
        )
    return frozenset(known[name] for name in names)
