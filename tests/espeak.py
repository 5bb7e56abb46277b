"""A small espeak-ng for the tests: a program that notes what it is told and writes a WAV file.

It hums for 0.1 s a character at 175 words a minute, at 300 Hz, and knows every language but `xx`.
"""

import json
import os
import shutil
import sys

PROGRAM = """\
#!{python} -SE
import json, math, struct, sys
text = sys.stdin.buffer.read().decode()
given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
with open({log!r}, "a") as log:
    print(json.dumps([sys.argv[1:], text]), file=log)
{before}
if given["-v"].startswith("xx"):
    sys.exit("Error: The specified espeak-ng voice does not exist.")
count = int(len(text.strip()) * 2205 * 175 / int(given["-s"]))
wave = [round(9000 * math.sin(2 * math.pi * 300 * n / 22050)) for n in range(22050)]
data = struct.pack("<22050h", *wave) * (count // 22050 + 1)
head = struct.pack("<IHHIIHH", 16, 1, {channels}, 22050, 44100, 2, 16)
riff = b"RIFF" + struct.pack("<I", 0x7FFFF024) + b"WAVEfmt " + head
sys.stdout.buffer.write(riff + b"data" + struct.pack("<I", 0x7FFFF000) + data[: 2 * count])
"""


class Espeak:
    """The program in a folder, which is the whole PATH. `before` is what it does first."""

    def __init__(self, folder, monkeypatch, *, before="", channels=1):
        self.file, self._log = folder / "espeak-ng", folder / "log"
        text = PROGRAM.format(
            python=sys.executable, log=str(self._log), before=before, channels=channels
        )
        self.file.write_text(text)
        self.file.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    def runs(self):
        """The words of each run behind the program's name, and its standard input."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [json.loads(line) for line in lines]

    def said(self):
        return [(words[words.index("-v") + 1], text) for words, text in self.runs()]


REAL = shutil.which("espeak-ng", path=os.environ.get("PATH"))
