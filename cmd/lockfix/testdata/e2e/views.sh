#!/bin/sh
# Looks at the pictures and pages of lockfix in a headless Chromium, light and dark,
# with few locks and with many: sh views.sh path/to/lockfix directory-for-screenshots
set -eu
lockfix=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
for tool in chromium node; do
	if ! command -v $tool >/dev/null; then
		echo "e2e: $tool is missing: install it (apt-get install chromium nodejs)" >&2
		exit 1
	fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LOCKFIX_CACHE="$work/cache"
(cd "$here/../.." && LOCKFIX_LOCKS="$work/many" go test -count=1 -run TestManyLocks . >/dev/null)
cp -r "$here/locks" "$work/few"
for size in few many; do
	"$lockfix" graph -C "$work/$size" --all -f svg -o "$work/$size-graph.svg"
	"$lockfix" graph -C "$work/$size" --all -f html -o "$work/$size-graph.html"
	"$lockfix" -C "$work/$size" -q --exit-zero -f html -o "$work/$size-report.html"
done
node "$here/views.mjs" "$work" "$out"
