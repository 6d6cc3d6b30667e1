#!/bin/sh
# pre-commit, with the hooks as it installs them: sh precommit.sh path/to/lockfix root
. "$(dirname "$0")/lib.sh"
need pre-commit "install it (apt-get install pre-commit, pipx install pre-commit)"
root=$(realpath "$2")
export PRE_COMMIT_HOME="$work/pre-commit"
rm "$work/bin/lockfix" # the hooks bring their own

ok pre-commit validate-manifest "$root/.pre-commit-hooks.yaml"

# The hooks of a working tree, committed or not.
begin
no pre-commit try-repo "$root" lockfix-check --all-files --verbose
says '^\./gate.go:.*\[wakeloop\]'
says '^\./b/gate.go:.*\[wakeloop\]'
says 'calm_windows.go is excluded by build constraints'
silent 'files were modified'
[ -z "$(git status --porcelain)" ] || fail "try-repo left something"

# The hooks of a commit, pinned. They are built before the first commit: within one,
# pre-commit 3.0 builds with the variables of git, and go cannot ask for the version.
git clone -q "$root" "$work/lockfix"
pin() {
	cat >.pre-commit-config.yaml <<CONFIG
repos:
  - repo: $work/lockfix
    rev: $(git -C "$work/lockfix" rev-parse HEAD)
    hooks:
      - id: $1
CONFIG
	git add .pre-commit-config.yaml
	git commit -q --no-verify -m "$1"
	ok pre-commit install --install-hooks
}

# Files of both modules are mended in one call, which stops the commit; the next
# one passes.
pin lockfix
edit gate.go b/gate.go
no git commit -qam both
says 'files were modified by this hook'
says '^fixed \./gate.go'
says '^fixed \./b/gate.go'
lacks gate.go
lacks b/gate.go
has :gate.go
ok git commit -qam both
lacks HEAD:gate.go

# A file that is not staged is not touched, and comes back as it was.
begin
pin lockfix
edit gate.go
cp gate.go "$work/dirty"
edit calm.go
git add calm.go
ok git commit -qm calm
cmp -s gate.go "$work/dirty" || fail "gate.go was changed"

# Of a file that is staged in part nothing is lost: here the fix and what is not
# staged are lines apart, ...
begin
pin lockfix
edit gate.go
git add gate.go
sed -i '1i // Unstaged.' gate.go
no git commit -qm part
says 'files were modified by this hook'
grep -q '^// Unstaged' gate.go || fail "an edit was lost"
lacks gate.go
has :gate.go

# ... here they are the same lines: pre-commit takes the fix back.
begin
pin lockfix
edit gate.go
git add gate.go
sed -i 's/^		c <- struct{}{}/		c <- struct{}{} \/\/ unstaged/' gate.go
cp gate.go "$work/dirty"
no git commit -qm part
says 'Rolling back fixes'
cmp -s gate.go "$work/dirty" || fail "gate.go was changed"
has :gate.go

# A fix that reaches outside of the staged files is not made, and said not to be.
begin
pin lockfix
edit sem.go
git add sem.go
no git commit -qm across
says 'no fix: the edit is in a file that was not asked for'
silent 'files were modified'
git diff --quiet || fail "files were changed"
edit reset.go
no git commit -qam across
says '^fixed \./sem.go'
ok git commit -qam across
lacks HEAD:sem.go

# The whole module, whatever is staged.
begin
pin lockfix-repo
edit calm.go
no git commit -qam calm
says '^\./gate.go:'
says '^\./sem.go:'
silent 'files were modified'

# Only to look.
begin
pin lockfix-check
edit gate.go
no git commit -qam look
says '^\./gate.go:'
silent '^\./sem.go:'
has gate.go
edit calm_windows.go
git checkout -q HEAD gate.go
ok git commit -qam windows

passed "$(pre-commit --version)"
