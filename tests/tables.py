"""Tables that must hold the same names, and sentences about what one of them lacks."""

import pytest


def assert_same_names(tables):
    """Fails with `playTone is missing in B; A has it` for each such name; `tables` by place."""
    holder = {name: place for place in reversed(tables) for name in tables[place]}
    missing = [
        f"{name} is missing in {place}; {holder[name]} has it"
        for name in sorted(holder)
        for place, names in tables.items()
        if name not in names
    ]
    if missing:
        pytest.fail("\n".join(missing), pytrace=False)
