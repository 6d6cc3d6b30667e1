// Package suppress honours the comments that silence a finding:
//
//	//lockfix:ignore RULE[,RULE] reason
//
// on the line of the finding, on the line above it, or in the doc comment of the
// function around it. The reason is required: a comment without one silences
// nothing and is an error of the pseudo-rule "ignore". So is a name that no rule
// has. A comment that silences nothing is a warning, with a fix that removes it.
//
// gvisor's annotations // +checklocksignore, on a function or a line, and
// // +checklocksforce, on a line, which says that what is held there is not what is
// seen, silence all rules there. They are there for another tool too, and are never
// called unused.
//
// # Unused is said only where it is known
//
// A comment is called unused only when its rule ran and the package has no
// errors. A run of two rules with --select, or one over a file that does not
// compile, must not ask for the removal of comments that the next run needs. Nor
// must a run that reports the higher levels only: findings of all levels count as
// silenced.
package suppress
