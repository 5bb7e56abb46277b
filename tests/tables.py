"""Tables that must hold the same names, and sentences about what one of them lacks."""


def gaps(tables):
    """`playTone is in A, B and not in C` for each name that a table lacks; `tables` by place."""
    names = sorted({name for table in tables.values() for name in table})
    return [
        f"{name} is in {', '.join(other for other in tables if name in tables[other])} "
        f"and not in {place}"
        for place, table in tables.items()
        for name in names
        if name not in table
    ]
