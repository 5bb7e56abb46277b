"""What somebody probably meant: the known word that is nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from mbflow.printable import shortened


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was meant to be, or None where none is near."""
    import difflib  # only needed once something is wrong

    by_folded = {name.casefold(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?` with a space before it, or nothing."""
    found = nearest(word, known)
    return f' Did you mean "{shortened(found, 60)}"?' if found is not None else ""


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`."""
    *head, tail = list(words) or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail
