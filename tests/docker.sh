#!/usr/bin/env bash
# The image: built and used where a builder is; else the steps of the Dockerfile, as they stand there,
# are run by a plain user in an empty environment, with folders of their own in the place of /.
set -euo pipefail
home="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/phone"
cp -r "$home/mbflow.yaml" "$home/flows" "$home/calendars" "$work/phone/"

# What somebody does with the image; `mbflow` is it.
use() {
    mbflow --version
    mbflow validate
    mbflow test --fail-under 100
    mbflow apply --auto-approve > "$work/applied"
    mbflow plan --detailed-exitcode
}

for builder in docker podman; do
    if "$builder" info > /dev/null 2>&1; then
        echo "The image, by $builder:"
        "$builder" build --quiet --tag mbflow-test "$home"
        mbflow() { "$builder" run --rm --user "$(id -u):$(id -g)" -v "$work/phone:/work" mbflow-test "$@"; }
        test "$("$builder" run --rm --entrypoint id mbflow-test -u)" = 1000
        use
        exit
    fi
done

echo "No builder of images runs here: the steps of the Dockerfile, without one."
root="$work/root"
search=/usr/local/bin:/usr/bin:/bin
user=() owner="$(id -u):$(id -g)" folder= entry=()

# A path of the image, where it is here.
here() { sed -E "s,(^|[ =:\"])/,\1$root/,g"; }
# A command in the image: nothing of our environment, our rights and our files is there.
plain() { (cd "$folder" && "${user[@]}" env -i PATH="$search" HOME=/ bash -ec "$1" < /dev/null); }

# Copies of what the builder would be sent, by .dockerignore: it lets through only what it names.
mkdir "$work/context"
while read -r name; do
    cp -r "$home/$name" "$work/context/"
done < <(sed -n 's/^!//p' "$home/.dockerignore")
find "$work/context" -name __pycache__ -prune -exec rm -rf {} +
if [ "$(id -u)" = 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
    owner=65534:65534
fi

from() {
    # The stage before stays, under its own name; the same paths hold the next one.
    [ ! -d "$root" ] || mv "$root" "$work/before"
    mkdir -p "$root"
    folder="$root"
}
copy() {
    local source="$work/context" to="${*: -1}" one
    if [ "$1" = --from=build ]; then
        source="$work/before"
        shift
    fi
    case $to in /*) to="$root$to" ;; *) to="$folder/$to" ;; esac
    mkdir -p "$(dirname "$to")"
    for one in "${@:1:$#-1}"; do cp -r "$source/$one" "$to"; done
}
step() {
    local word="$1" rest="$2"
    echo "$word $rest"
    case $word in
        FROM) from ;;
        COPY) read -ra parts <<< "$rest"; copy "${parts[@]}" ;;
        WORKDIR) folder="$root$rest"; mkdir -p "$folder" ;;
        ENV) search="$(eval "PATH=$search; $(here <<< "$rest"); echo \"\$PATH\"")" ;;
        RUN) plain "$(here <<< "$rest")" ;;
        USER) test "${rest%%:*}" -gt 0 ;;
        ENTRYPOINT) entry=$(tr -d '[]",' <<< "$rest") ;;
        CMD) ;;
        *) echo "tests/docker.sh does not know $word" >&2; return 1 ;;
    esac
    chown -R "$owner" "$root"
    chmod 755 "$work"
}
while read -r word rest; do
    step "$word" "$rest"
done < <(sed -e '/^ *#/d' -e '/^$/d' "$home/Dockerfile" | sed -e ':a' -e '/\\$/{N;s/\\\n *//;ba' -e '}')

cp -r "$work/phone/." "$folder"
chown -R "$owner" "$folder"
rm -rf "$work/before" "$work/context"
mbflow() { plain "exec $entry $(printf '%q ' "$@")"; }
use
