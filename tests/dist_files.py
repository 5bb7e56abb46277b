"""What is published is what it should be: `python tests/dist_files.py CHECKOUT DIST`.

The sdist is what git holds; the wheel is the package with its schemas, and the licences. On a
package index every link of the README leads somewhere.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

INFO = ("METADATA", "RECORD", "WHEEL", "entry_points.txt")
LICENCES = ("LICENSE", "mbflow/views/page/dagre.LICENSE")


def in_git(checkout):
    """The files that git holds, and new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split("\0") if name and (checkout / name).exists()}


def in_sdist(path):
    with tarfile.open(path) as archive:
        return {one.name.partition("/")[2] for one in archive if one.isfile()}


def of_wheel(sdist, folder):
    """What the wheel has to hold, by what the sdist holds."""
    package = {name for name in sdist if name.startswith("mbflow/")}
    schemas = {f"mbflow/{name}" for name in sdist if name.startswith("schemas/")}
    info = {*INFO, *(f"licenses/{name}" for name in LICENCES)}
    return package | schemas | {f"{folder}/{name}" for name in info}


def dead_links(readme):
    """Targets that mean nothing away from the repository."""
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert targets
    return [target for target in targets if not target.startswith(("https://", "#"))]


def main(checkout, dist):
    (sdist_path,), (wheel_path,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    sdist = in_sdist(sdist_path)
    if (checkout / ".git").exists():
        assert sdist ^ {"PKG-INFO"} == in_git(checkout), sdist ^ {"PKG-INFO"} ^ in_git(checkout)
    with zipfile.ZipFile(wheel_path) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        expected = of_wheel(sdist, metadata.partition("/")[0])
        assert {*wheel.namelist()} == expected, {*wheel.namelist()} ^ expected
        assert dead_links(wheel.read(metadata).decode()) == []
    print(f"{sdist_path.name}: {len(sdist)} files; {wheel_path.name}: {len(expected)} files.")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
