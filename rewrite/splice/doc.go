// Package splice carries out a plan: dst on the declarations concerned only,
// minimal byte edits, every byte outside of them untouched. It is the only
// importer of dst and checks its own result.
//
// # From a declaration to edits
//
// A plan may change several declarations, each for itself, and several files: what
// it does in one file is done together, and whoever asks does all files or none.
//
// The file is read without byte order mark and with LF for CRLF. The text of
// the declaration, below its doc comment, is formatted, parsed as a file of its
// own and paired node by node with the syntax that the plan speaks of. The
// steps change its dst tree, which is printed and formatted again. What differs
// between the two formatted texts is carried over to the text as it stood, at
// line borders that both have, so that lines whose tokens did not change keep
// their white space. Imports are lines inserted into the head of the file. The
// edits are the difference of the two files, with the file's own line endings.
//
// # Comments
//
//   - A statement owns the comments right above it, up to a blank line, and those
//     beside it. They go where it goes.
//   - Comments below a statement, and those above a blank line, belong to the
//     place and stay. What is put before a statement goes above the comments
//     that lead it, what is put after one above those below it.
//   - Comments of a statement that goes stay on lines of their own, and a blank
//     line keeps them from leading what follows. The same for those at the end
//     of a block that something is put behind.
//   - Copies have no comments. Comments in a replaced expression stay in its
//     place. Where there is no telling what a comment would be about, the edit
//     is refused.
//   - New code takes the space above the statement that it is put before. If a
//     block ends up there, the statement gets its blank line back.
//
// # What is promised
//
// The result parses. Each comment stands in it exactly once, in order but for
// what moved, alone on its line or behind the same token as before. Strings are
// untouched. The head up to the package clause and all other declarations are
// byte-identical, and the declaration formats to exactly what the steps made of
// it, the functions that they split off included. Line endings, byte order mark and last newline are as they were. If the
// file was formatted, so is the result; only there may white space in one-line
// neighbours change, which gofmt aligns with each other. All this is audited on
// the bytes before a result is returned, and a panic of dst is caught: what
// cannot be kept is a [Refused].
//
// # Decisions
//
// Why not dst on the file? A restored file has LF line ends, is formatted
// throughout, and loses blank lines that hold white space: it cannot leave other
// bytes alone. Why not edits of the text alone? They would have to know of
// indentation in raw strings, of alignment and of comments between tokens; each
// is a place to lose a comment. Why not the import management of dst or of
// astutil? The first reorders and renames imports and does not see that a name
// is shadowed; the second detaches the comment behind a package clause and needs
// a formatted head.
//
// dst hangs a comment on a statement that is near, wherever it belongs, so lists
// are taken apart into lines first ([list]) and put together again.
//
// A declaration is refused when it shares a line with something else or holds a
// //line directive, which has to stay in column one and which dst would indent.
// Both are rare; a reason to change that would be a code base where they are not.
package splice
