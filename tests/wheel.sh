#!/usr/bin/env bash
# What is published works: built, looked at, installed into an empty environment and used from
# elsewhere; and the sdist passes its tests where there is no git.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# The wheel is built from the sdist.
"$root/.venv/bin/python" -m build --quiet --outdir "$work/dist" "$root" > "$work/build.log" \
    || { cat "$work/build.log"; exit 1; }
"$root/.venv/bin/python" "$root/tests/dist_files.py" "$root" "$work/dist"
"${PYTHON:-python3}" -m venv "$work/index"
"$work/index/bin/python" -m pip install --quiet "twine>=6"
"$work/index/bin/python" -m twine --no-color check --strict "$work"/dist/*

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet "$work"/dist/*.whl

# The page for newcomers, word for word: what it installs is what was built here.
ln -s "$root" "$work/mbflow"
mkdir "$work/phone"
(cd "$work/phone" && sed -n '/^```sh$/,/^```$/p' "$root/docs/start.md" | grep -v '^```' > "$work/install.sh" \
  && bash -ec ". $work/install.sh && mbflow init && mbflow test && mbflow apply --auto-approve")

mkdir -p "$work/elsewhere"
cp "$root/flows/support/after-hours.yaml" "$work/elsewhere/"
cd "$work/elsewhere"
"$work/venv/bin/mbflow" --version
"$work/venv/bin/mbflow" validate after-hours.yaml
"$work/venv/bin/mbflow" schema call-flow > schema.json
"$work/venv/bin/mbflow" init shop --ci gitlab --editor vscode
"$work/venv/bin/mbflow" -C shop test --fail-under 100
"$work/venv/bin/mbflow" -C shop apply --auto-approve
"$work/venv/bin/mbflow" -C shop plan --detailed-exitcode

# pre-commit clones the repository, installs it by itself, and runs the hooks in another one.
if commit="$(git -C "$root" rev-parse --quiet --verify HEAD)"; then
    "$work/venv/bin/python" -m pip install --quiet pre-commit
    export PRE_COMMIT_HOME="$work/pre-commit"
    cd shop
    printf 'repos:\n- repo: %s\n  rev: %s\n  hooks: [{id: mbflow-validate}, {id: mbflow-test}, {id: mbflow-fmt}]\n' \
        "$root" "$commit" > .pre-commit-config.yaml
    git init --quiet
    git add --all
    "$work/venv/bin/pre-commit" run --all-files
    echo 'steps: [{action: sing}]' > flows/wrong.yaml
    git add --all
    if "$work/venv/bin/pre-commit" run --all-files; then
        echo "The hooks let a wrong file pass."
        exit 1
    fi
fi

# Those tests that read the files around the package, and a few rooms.
mkdir "$work/sdist" "$work/home"
tar -xzf "$work"/dist/*.tar.gz -C "$work/sdist" --strip-components 1
cd "$work/sdist"
away() { env -i PATH="$PATH" HOME="$work/home" LANG=C.UTF-8 "$@"; }
away make --silent PYTHON="${PYTHON:-python3}" .venv/ready
away .venv/bin/python -m pytest -n 3 --dist worksteal tests/*.py tests/model tests/schema tests/views
