// Package baseline keeps the findings that a project knows of and lives with, so that
// only others are reported.
//
// # The file
//
// It is text, to be read and reviewed with the code. Below each file, whose name is
// relative to the baseline, stands one finding a line: its rule, its function, its
// words, and the line of code. Lines are sorted; as many are alike as findings are.
// The first line says what it is; others that begin with # are remarks, which are
// not kept when it is written anew.
//
// # What is the same finding
//
// One with the same words in the same function on the same code, blanks aside,
// wherever in the file it stands. What is left then is looked for in other files, so
// that functions may move and files be renamed: only among entries whose own file was
// looked at, or is gone. Where more findings are alike than entries, the last ones are
// new.
//
// An entry is stale when its file was looked at, or is gone, and the finding is
// nowhere.
//
// # Decisions
//
// No line numbers: every edit above would make old findings new. No hashes: nobody can
// review them. The code is part of the name, so that an edit of the very statement
// shows the finding again; the lines around it are not.
package baseline
