#!/usr/bin/env bash
# What only JavaScript can say: a YAML language server and Ajv of the schemas, Mermaid's own parser
# of the diagrams, ESLint of the page's scripts, and its walker of ten thousand calls.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        apt-get install -qq -y --no-install-recommends nodejs npm > /dev/null
    else
        echo "Left out: the checks of editors, diagrams and the page need node and npm."
        exit 0
    fi
fi

cp "$root"/tests/*.mjs "$work"
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock --fetch-timeout=60000 \
    mermaid@11 jsdom@26 yaml-language-server@1 vscode-jsonrpc@8 yaml@2 ajv@8 \
    eslint@9 @eslint/js@9 globals@16)
(cd "$root" && "$work/node_modules/.bin/eslint" --config "$work/eslint.config.mjs" mbflow/views tests)
"$root/.venv/bin/python" "$root/tests/dial_calls.py" 10000 | node "$root/tests/walker.mjs" "$root"
node "$work/editor.mjs" "$root"
bash "$root/tests/mermaid.sh" "$work"
