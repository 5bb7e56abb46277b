#!/usr/bin/env bash
# Mermaid's own parser reads what `mbflow graph` draws: the worked example, a plan, nasty flows.
# `mermaid.sh WORK`: a folder with mermaid.mjs and its packages, where the diagrams go.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$1"

mbflow="$root/.venv/bin/mbflow"
mkdir "$work/diagrams" "$work/project"
cp -r "$root/flows" "$root/calendars" "$root/mbflow.yaml" "$work/project"
cd "$work/project"
"$mbflow" graph > "$work/diagrams/all-flows.mmd"
(cd flows && find . -name '*.yaml' ! -name '*.calls.yaml') | while read -r file; do
    key="${file#./}" && key="${key%.yaml}"
    "$mbflow" graph "$key" > "$work/diagrams/${key//\//-}.mmd"
done

# A plan that creates all, and one that changes, inserts, moves, removes, renames and deletes.
"$mbflow" plan --out all-new.json > /dev/null
"$mbflow" graph --diff all-new.json > "$work/diagrams/plan-all-new.mmd"
"$mbflow" apply all-new.json > /dev/null 2> apply.log || { cat apply.log; exit 1; }
sed -i 's/One moment, we connect/One <b>moment<\/b>; "we" connect/' flows/support/menu.yaml
rm flows/orders/status.*
printf 'title: end\nsteps: [{action: hangup}]\n' > 'flows/a "new" [end].yaml'
cat > flows/survey/question.yaml << 'FLOW'
title: "Survey: end"
steps:
  - {action: say, options: {payload: "How did you like the delivery?", language: en-GB, voice: female}}
  - {action: play, options: {media: "https://calls.example.com/a[b]|c.wav"}}
  - action: say
    options:
      payload: >-
        Thank you for ordering at Acme. We have one question. Your answer is
        recorded. Press any key when you are done.
      language: en-GB
      voice: female
  - action: hangup
FLOW
"$mbflow" plan --out edits.json > /dev/null
"$mbflow" graph --diff edits.json > "$work/diagrams/plan-edits.mmd" 2> /dev/null
"$mbflow" show edits.json --format markdown | awk -v to="$work/diagrams/comment-" '
    /^```$/ { file = "" } file { print > file } /^```mermaid$/ { file = to (++number) ".mmd" }'
test -e "$work/diagrams/comment-2.mmd"

"$root/.venv/bin/python" "$root/tests/mermaid_flows.py" "$work/diagrams"
node "$work/mermaid.mjs" "$work/diagrams"
