#!/bin/sh
# Drives lockfix lsp by VS Code: code-server and Chromium. sh vscode.sh path/to/lockfix
# What it downloads and builds, which takes minutes, it keeps in VSCODE (bin/vscode);
# there it leaves the screenshots too.
set -eu
lockfix=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
for tool in node npm chromium pkg-config; do
	if ! command -v $tool >/dev/null; then
		echo "e2e: $tool is missing: install it (apt-get install nodejs npm chromium pkg-config libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev)" >&2
		exit 1
	fi
done
mkdir -p "${VSCODE:=bin/vscode}"
VSCODE=$(realpath "$VSCODE")
version=4.100.3 # has VS Code 1.100.3, and runs on Node.js 20

# The scripts of the package want to download what they can build; some of what
# they build is not needed.
build() {
	cd "$VSCODE"
	npm pack --silent code-server@$version >/dev/null
	rm -rf package
	tar xzf code-server-$version.tgz
	cd package
	npm install --silent --omit=dev --ignore-scripts --no-audit --no-fund
	npm rebuild --silent argon2 --build-from-source
	cd lib/vscode
	npm install --silent --omit=dev --ignore-scripts --no-audit --no-fund
	gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
	for module in @vscode/spdlog node-pty native-watchdog kerberos @parcel/watcher; do
		(cd node_modules/$module && node "$gyp" rebuild --silent --nodedir="$(dirname "$(dirname "$(realpath "$(command -v node)")")")")
	done
	ln -sfn node_modules node_modules.asar
	echo $version >"$VSCODE/built"
}
if [ "$(cat "$VSCODE/built" 2>/dev/null)" != $version ]; then
	echo "e2e: building code-server $version" >&2
	(build >&2)
fi
cp -r "$here/extension" "$here/vscode.js" "$VSCODE/"
(cd "$VSCODE" && npm install --silent --no-save --ignore-scripts --no-audit --no-fund --prefix . puppeteer-core@24 >&2)
(cd "$VSCODE/extension" && npm install --silent --no-audit --no-fund >&2)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LOCKFIX_CACHE="$work/cache" HOME="$work/home" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data"
export GOCACHE="$work/gocache" GOFLAGS=-mod=mod GOTOOLCHAIN=local
mkdir -p "$work/bin" "$work/user/User" "$work/extensions" "$HOME"
ln -s "$lockfix" "$work/bin/lockfix"
cp -r "$VSCODE/extension" "$work/extensions/lockfix.lockfix-0.0.1"
cp "$here/vscode.json" "$work/user/User/settings.json"
cp -r "$here/module" "$work/module"
cp -r "$here/module" "$work/want"
"$lockfix" -C "$work/want" -q -w ./... >/dev/null
echo "export PATH='$work/bin:$PATH'" >"$HOME/.profile" # VS Code asks a login shell
WORK="$work" timeout 300 node "$VSCODE/vscode.js" "$VSCODE"
