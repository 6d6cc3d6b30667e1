// Package changed says which declarations of Go files a git repository has changed:
// since a revision, or in its index.
//
// # What counts
//
// A declaration is changed when a line of it or of its doc comment was added,
// edited or removed. Blanks do not count: to indent a function or to change its line
// endings changes nothing in Go. A file that was renamed has changed where its text
// has. All of a file is new that git does not track and does not ignore.
//
// # Since a revision
//
// The working tree is compared with the commit at which HEAD left the revision, the
// merge base: what the revision got meanwhile is not this branch's doing. For an
// ancestor of HEAD it is the revision itself.
//
// # The index
//
// The index is compared with HEAD. What the next commit will hold is the index and
// not the working tree, so [Staged] also says in which files the two differ.
//
// # Decisions
//
// Declarations, not lines. What makes a critical section dangerous is seldom on the
// line that is reported: an Unlock that was removed leaves no line behind, a Lock
// that was added stands far above. So a finding is new when its function has changed,
// at the price that an old one is shown again to whoever edits its function.
//
// The git command is asked, not a library: its configuration, attributes, worktrees
// and sparse checkouts are what they are for git. The plumbing commands are used,
// which settings of the user do not change. Their patches are parsed by go-gitdiff,
// for file names are quoted and headers many.
package changed
