#!/bin/sh
# Drives lockfix lsp by a headless Neovim: sh neovim.sh path/to/lockfix
set -eu
lockfix=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
if ! command -v nvim >/dev/null; then
	echo "e2e: nvim is missing: install it (apt-get install neovim, brew install neovim)" >&2
	exit 1
fi
if ! command -v gopls >/dev/null; then
	echo "e2e: gopls is missing: go install golang.org/x/tools/gopls@latest" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LOCKFIX_CACHE="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" XDG_CACHE_HOME="$work/xdg"
cp -r "$here/module" "$work/module"
cp -r "$here/module" "$work/want"
"$lockfix" -C "$work/want" -q -w ./... >/dev/null
printf 'package gate\n\nimport _ "net/http"\n' >"$work/module/large.go" # takes long enough for progress to be shown
cd "$work/module"
LOCKFIX="$lockfix" WANT="$work/want/gate.go" timeout 120 nvim --headless --clean -i NONE -c "luafile $here/neovim.lua" gate.go
echo "e2e: $(nvim --version | head -1): passed"
