"""Texts that mean harm, and what must not be in anything that is shown."""

import re

import pytest

HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
COMMAND = re.compile(r"^\s*::(?! )|##\w*\[", re.MULTILINE)
TEXTS = {
    "terminal": "\x1b]0;pwned\x07\x1b[2J\x9b31m\x08\x7f",
    "bidi": "\u202egnp.exe\u2066\u2069\u200b\ufeff\u061c\u2028",
    "line": "\n::error file=a,line=1::boom\r\n\t::warning::boom",
    "start": "::error::boom",
    "blank": "   ::error::boom",
    "hashes": "##[error]boom ##vso[task.setvariable variable=a]b ##teamcity[x]",
    "lines": "one\n::error::two\nthree ##[error]four\n",
    "long": f"{'word ' * 30}::error::boom ##[error]boom",
    "wide": "\U000e0041\U0001f600\uffff\x00\x0b",
    "markup": "<script>x</script> ]]> | ``` `a` [x](javascript:1) @all #1 </details>\n\n# x",
    "formats": "%0A::error::x %s {0} $${x} $(x) `x` '\"\\",
}
FEW = {"terminal", "line", "markup"}
SOME = [name if name in FEW else pytest.param(name, marks=pytest.mark.long) for name in TEXTS]
"""Names of all of them, with those that are tried everywhere by default."""


def assert_harmless(shown, what):
    """No character acts, and no line is one that a CI system takes for a command."""
    found = HIDDEN.search(shown) or COMMAND.search(shown)
    assert not found, f"{what}: {found[0]!a}\n{shown!a}"
    assert "Traceback" not in shown
