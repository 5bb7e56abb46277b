"""Which tests show which quirk or fault acting, so that none can be added without one."""

import inspect

SHOWN = {}
"""Name of a quirk, or of a kind of fault, to the tests that show it."""


def shows(*names):
    """Written above a test: it fails where one of these does not act."""

    def note(test):
        for name in names:
            SHOWN.setdefault(name, []).append(test)
        return test

    return note


def fixtures_for(name):
    return {fixture for test in SHOWN[name] for fixture in inspect.signature(test).parameters}
