// Corpus measures lockfix on real code: local clones of public repositories, and
// tables of facts about their histories.
//
//	corpus fixes      does it find what people once fixed, and offer what they did?
//	corpus negatives  is it silent at places that look alike and are fine?
//	corpus repos      does -w keep its promises on whole repositories?
//	corpus routes     do all ways to run it find the same?
//	corpus findings   what does it find, as a table to be judged
//	corpus judge      how much of what was judged is right
//
// # What is kept, and what is not
//
// The tables in testdata/corpus hold facts: repository, commit, file, line,
// verdict. No code of the measured repositories is part of this project; it is
// read from clones that the user has, at --dir: DIR/NAME or DIR/OWNER/NAME, bare
// or not, known by their remote or by their directory. Clones are never written.
//
// # What it costs
//
// Trees of old commits are kept in --work between runs, since taking them out and
// filling the build cache is most of the time. Modules that an old commit needs
// are downloaded as the go command does it, unless --offline is given; what is
// missing makes type errors in the measured package, which the table counts.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := root().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}
