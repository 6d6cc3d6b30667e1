#!/bin/sh
# Drives lockfix lsp by Emacs with eglot, in batch mode: sh eglot.sh path/to/lockfix
set -eu
lockfix=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
if ! command -v emacs >/dev/null; then
	echo "e2e: emacs is missing: install it with eglot and go-mode (apt-get install emacs-nox elpa-eglot elpa-go-mode)" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LOCKFIX_CACHE="$work/cache"
cp -r "$here/module" "$work/module"
cp -r "$here/module" "$work/want"
"$lockfix" -C "$work/want" -q -w ./... >/dev/null
cd "$work/module"
git init -q . # by which Emacs finds the project
LOCKFIX="$lockfix" WANT="$work/want/gate.go" timeout 120 emacs --batch -l "$here/eglot.el"
