# What the scripts beside this one share: a repository to commit to, and what is
# expected of it. Sourced with the path of lockfix in $1.
set -eu
lockfix=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
name=$(basename "$0" .sh)

need() {
	command -v "$1" >/dev/null || { echo "e2e-hooks: $1 is missing: $2" >&2; exit 1; }
}
need git "the hooks are its"
need go "lockfix asks it where packages are"

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
# A home without settings, but with the caches of the user.
GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE) GOPROXY=$(go env GOPROXY)
export GOCACHE GOMODCACHE GOPROXY GOTOOLCHAIN=local GOFLAGS=
if command -v npm >/dev/null; then npm_config_cache=$(npm config get cache); export npm_config_cache; fi
mkdir "$work/home" "$work/bin"
ln -s "$lockfix" "$work/bin/lockfix"
export HOME="$work/home" LOCKFIX_CACHE="$work/cache" PATH="$work/bin:$PATH"
export GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1 CI=true
git config --global user.name A
git config --global user.email a@example.com
git config --global init.defaultBranch main
git config --global advice.addEmbeddedRepo false

# begin starts anew: a repository whose first commit is what stands in repo.
begin() {
	rm -rf "$work/repo"
	cp -r "$here/repo" "$work/repo"
	cd "$work/repo"
	git init -q
	git add .
	git commit -q --no-verify -m first
}

# edit adds a line to the end of each file.
edit() {
	for file; do echo "// edited" >>"$file"; done
}

# ok and no run a command that must succeed and fail; says and silent look at what
# it printed last.
ok() {
	"$@" >"$work/out" 2>&1 || fail "status $?: $*"
}
no() {
	if "$@" >"$work/out" 2>&1; then fail "status 0: $*"; fi
}
says() {
	grep -q -e "$1" "$work/out" || fail "it does not say: $1"
}
silent() {
	if grep -q -e "$1" "$work/out"; then fail "it says: $1"; fi
}

# has and lacks look for a loop that wakes in a text: a file, or git's REV:FILE.
has() {
	text "$1" | awk '/^\tfor _, . := range .*\.waiters \{/ { n++ } END { exit !n }' || fail "$1 was changed"
}
lacks() {
	text "$1" | awk '/^\tfor _, . := range .*\.waiters \{/ { n++ } END { exit n > 0 }' || fail "$1 is not fixed"
}
text() {
	case $1 in *:*) git show "$1" ;; *) cat "$1" ;; esac
}

fail() {
	echo "e2e-hooks: $name: $1" >&2
	sed 's/^/  | /' "$work/out" >&2
	git status --short >&2
	exit 1
}
passed() {
	echo "e2e-hooks: $1: passed"
}
