#!/usr/bin/env bash
# The wheel holds all it needs: built, installed into an empty environment, used from elsewhere.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$root/.venv/bin/python" -m build --quiet --wheel --outdir "$work/dist" "$root"
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
    printf 'repos:\n- repo: %s\n  rev: %s\n  hooks: [{id: mbflow-validate}, {id: mbflow-test}]\n' \
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
