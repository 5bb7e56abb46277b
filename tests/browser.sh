#!/usr/bin/env bash
# The page in a browser: opened, clicked, dialled. PAGES keeps the pages, SHOTS the pictures.
# With PICTURE only that file is written: the picture of the README.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export CHROMIUM="${CHROMIUM:-$(command -v chromium || true)}"
missing=()
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)
[ -n "$CHROMIUM" ] || missing+=(chromium fonts-dejavu-core)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ]; then
        apt-get update -qq -o Acquire::Retries=3
        apt-get install -qq -y -o Acquire::Retries=3 --no-install-recommends "${missing[@]}" > /dev/null
        CHROMIUM="${CHROMIUM:-$(command -v chromium)}"
    else
        echo "Left out: the checks of the page need node, npm and chromium."
        exit 0
    fi
fi

cp -r "$root"/tests/browser/. "$work"
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock --fetch-timeout=60000 \
    playwright-core@1 axe-core@4)
export PAGES="${PAGES:-$work/pages}"
"$root/.venv/bin/python" "$root/tests/browser/pages.py" "$PAGES"
if [ -n "${PICTURE:-}" ]; then
    node "$work/picture.mjs"
else
    node --test --test-reporter=spec "$work/page.test.mjs"
fi
