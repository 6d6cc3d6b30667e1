#!/bin/sh
# lefthook from npm: sh lefthook.sh path/to/lockfix
. "$(dirname "$0")/lib.sh"
need npm "install Node.js"
unset CI # there lefthook is not to be installed

begin
echo '{"private": true}' >package.json
ok npm install --no-audit --no-fund --save-dev lefthook@2
cat >lefthook.yml <<'CONFIG'
pre-commit:
  jobs:
    - name: lockfix
      glob: "*.go"
      run: lockfix -w {staged_files}
      stage_fixed: true
CONFIG
git add .
git commit -q --no-verify -m lefthook
ok npx lefthook install

# What is mended is in the commit, of both modules.
edit gate.go b/gate.go calm_windows.go
ok git commit -qam both
says 'fixed \./gate.go'
says 'fixed \./b/gate.go'
lacks HEAD:gate.go
lacks HEAD:b/gate.go
[ -z "$(git status --porcelain)" ] || fail "something is left"

# What cannot be mended stops it: the fix reaches outside of the staged files.
edit sem.go
no git commit -qam across
says 'no fix: the edit is in a file that was not asked for'
has sem.go
git checkout -q HEAD sem.go

# A file that is not staged is not touched.
edit sem.go
cp sem.go "$work/dirty"
edit calm.go
git add calm.go
ok git commit -qm calm
cmp -s sem.go "$work/dirty" || fail "sem.go was changed"

passed "lefthook $(npx lefthook version)"
