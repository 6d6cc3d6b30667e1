#!/bin/sh
# husky and lint-staged from npm: sh lintstaged.sh path/to/lockfix
. "$(dirname "$0")/lib.sh"
need npm "install Node.js"

begin
cat >package.json <<'CONFIG'
{
  "private": true,
  "lint-staged": { "*.go": "lockfix -w" }
}
CONFIG
ok npm install --no-audit --no-fund --save-dev husky@9 lint-staged@16
ok npx husky init
echo 'npx lint-staged' >.husky/pre-commit
git add .
git commit -q --no-verify -m husky

# What is mended is in the commit, of both modules.
edit gate.go b/gate.go calm_windows.go
ok git commit -qam both
lacks HEAD:gate.go
lacks HEAD:b/gate.go
[ -z "$(git status --porcelain)" ] || fail "something is left"

# What cannot be mended stops it, and all is as it was: the fix reaches outside of
# the staged files.
edit sem.go
cp sem.go "$work/dirty"
no git commit -qam across
says 'no fix: the edit is in a file that was not asked for'
cmp -s sem.go "$work/dirty" || fail "sem.go was changed"
git checkout -q HEAD sem.go

# A file that is staged in part: lint-staged puts aside what is not staged.
git checkout -q HEAD~1 gate.go
edit gate.go gate.go
git add gate.go
sed -i '1i // Unstaged.' gate.go
ok git commit -qm part
lacks HEAD:gate.go
grep -q '^// Unstaged' gate.go || fail "an edit was lost"
if git show HEAD:gate.go | grep -q Unstaged; then fail "it was committed"; fi

passed "husky $(npm ls husky | sed -n 's/.*husky@//p'), lint-staged $(npx lint-staged --version)"
