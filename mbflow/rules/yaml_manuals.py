"""The manuals of rules on YAML: their problems are found while a file is read as YAML."""

from __future__ import annotations

YAML_MANUALS = {
    "yaml-syntax": """\
The file is not valid YAML.

Nothing in it can be read until this is corrected. The usual causes are text with a colon in it
that is not in quotes, a tab used for indentation, and a quote or a bracket that is never closed.

Fails:

    title: Support: sales
    steps: [{action: hangup}]

Passes:

    title: "Support: sales"
    steps: [{action: hangup}]""",
    "yaml-text": """\
YAML reads another text than the one that seems to stand there.

Outside of quotes a `#` after a blank begins a comment, and the text ends before it. Lines that
follow, also such as look like a list or a key, are joined to the text by blanks; below `|` or `>`
they are part of it. Quotes make any text certain; two blanks before a `#` mean a comment.

Fails:

    title: Hotline #2
    steps: [{action: hangup}]

Passes:

    title: "Hotline #2"  # the second one
    steps: [{action: hangup}]""",
    "yaml-encoding": """\
The file is not plain UTF-8 text.

Files saved as UTF-16, bytes that are not UTF-8, control characters, and characters that nobody
sees and readers of YAML disagree on (U+0085, U+2028, U+2029, U+FEFF) are refused. One that is
intended can be written as an escape in double quotes. A byte order mark of UTF-8 may stand at the
start of the file.

Passes:

    title: "Ring \\x07 the bell"
    steps: [{action: hangup}]""",
    "yaml-limit": """\
The file is larger or more deeply nested than any call flow.

The limits are 256 KB, 64 levels, and 100,000 values once aliases are expanded. They keep a file
from using up the memory of the machine that reads it.

Fails:

    title: Deep
    steps: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

Passes:

    title: Shallow
    steps: [{action: hangup}]""",
    "yaml-alias": """\
An alias is inside the value that it repeats.

Aliases that repeat an earlier value are fine; one that contains itself never ends.

Fails:

    title: Endless
    steps: &steps
      - action: hangup
        conditions: *steps

Passes:

    title: Twice
    steps:
      - &menu
        action: say
        options: {payload: Press a key., language: en-GB, voice: female}
      - *menu""",
    "yaml-documents": """\
The file holds more than one YAML document.

One file is one call flow. A line of three dashes begins a new document: everything after it
would be another flow.

Fails:

    title: First
    steps: [{action: hangup}]
    ---
    title: Second
    steps: [{action: hangup}]

Passes:

    ---
    title: First
    steps: [{action: hangup}]""",
    "yaml-empty": """\
The file is empty, or holds only comments.

Fails:

    # to be written

Passes:

    steps: [{action: hangup}]""",
    "yaml-tag": """\
A value has a YAML tag.

Call flows are plain text, numbers, lists and mappings. To make any value text, put it in quotes;
no tag is needed for that.

Fails:

    title: !!str 2024
    steps: [{action: hangup}]

Passes:

    title: "2024"
    steps: [{action: hangup}]""",
    "yaml-merge-key": """\
A mapping uses `<<` to take over the keys of another one.

Merge keys are not part of YAML 1.2, and hide what a step does. Write the keys out.

Fails:

    steps:
      - action: say
        options: &voice {payload: Hello., language: en-GB, voice: female}
      - action: say
        options:
          <<: *voice
          payload: Goodbye.

Passes:

    steps:
      - action: say
        options: {payload: Hello., language: en-GB, voice: female}
      - action: say
        options: {payload: Goodbye., language: en-GB, voice: female}""",
    "yaml-key": """\
A key is not text.

A number, true, false or null as a key would become something else on the way to the service.

Fails:

    1: first
    steps: [{action: hangup}]

Passes:

    title: first
    steps: [{action: hangup}]""",
    "yaml-number": """\
A number is infinite, not a number (NaN), or far too long.

Flows are sent as JSON, which has no such numbers.

Fails:

    steps: [{action: pause, options: {length: .inf}}]

Passes:

    steps: [{action: pause, options: {length: 60}}]""",
    "duplicate-key": """\
A key is given twice.

YAML readers keep only one of the two values, and not all of them keep the same one. Often the
second key belongs to the next step.

Fails:

    steps: [{action: pause, options: {length: 1, length: 2}}]

Passes:

    steps: [{action: pause, options: {length: 2}}]""",
}
