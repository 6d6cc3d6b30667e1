#!/bin/sh
# A hook of git alone: sh git.sh path/to/lockfix
. "$(dirname "$0")/lib.sh"

# The hook of README.md.
begin
cat >.git/hooks/pre-commit <<'HOOK'
#!/bin/sh
exec lockfix --staged ./...
HOOK
chmod +x .git/hooks/pre-commit

# What was there before is nobody's fault, ...
edit calm.go
ok git commit -qam calm
says '0 findings'
# ... until its function is edited.
sed -i 's/^	g.waiters = nil/	clear(g.waiters)/' gate.go
no git commit -qam loud
says '^\./gate.go:.*\[wakeloop\]'
says '1 finding '

# What is staged counts, not what stands in the file: here the fix is staged, and
# after it the file was spoilt.
git stash -q
ok lockfix -w gate.go
git add gate.go
git show HEAD:gate.go >gate.go
ok git commit -qm fixed
lacks HEAD:gate.go
has gate.go

# Files by name, of both modules: it finds what a directory without a module at its
# root would not.
begin
cat >.git/hooks/pre-commit <<'HOOK'
#!/bin/sh
git diff --cached --name-only --diff-filter=d -z -- '*.go' | xargs -0 -r lockfix --staged
HOOK
chmod +x .git/hooks/pre-commit
sed -i 's/^	g.waiters = nil/	clear(g.waiters)/' gate.go b/gate.go
edit calm_windows.go
no git commit -qam loud
says '^\./gate.go:'
says '^\./b/gate.go:'
says 'calm_windows.go is excluded by build constraints'
git checkout -q HEAD gate.go b/gate.go
git rm -q reset.go
git commit -q --no-verify -m less
edit calm_windows.go
ok git commit -qam windows

passed "$(git --version)"
