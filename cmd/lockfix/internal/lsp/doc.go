// Package lsp is a language server: it keeps the documents that an editor has
// open, asks an [Analyzer] about their packages, and offers what it says as
// diagnostics, code actions and hovers. It knows nothing of how packages are loaded.
//
// # Who does what
//
// One goroutine reads. It takes notifications in their order and starts one
// goroutine for each request; what these share lies under one mutex, which is never
// held while anything is read, written or analysed. Everything that is sent goes
// through the outbox: messages are put into it under the mutex, so that their order
// is that of the states that they speak of, and one goroutine writes them, so that
// a client that does not read keeps nobody from reading.
//
// An analysis is one of a package directory, with the texts of all open documents.
// It runs at once when a document is opened or saved, and a second after the last
// change; whatever changes before it ends cancels it and makes it start again. One
// runs at a time: two would share the processors and double the memory.
//
// # Stale means nothing
//
// Package action says why. Here it means that an answer is made of a snapshot of
// the documents, that an edit is of a version and says so where the client can hear
// it, and that a file that is not open is read again before it is edited. An action
// that somebody asked for hurries the analysis on and waits for it, but less than
// half a second: editors ask for source.fixAll just before they save, and give up
// on who is slow.
//
// A change of a package is not seen in packages that import it before it is saved.
// To look at them each time would be right, and too slow in the packages that all
// others import.
//
// # Decisions
//
// The types of the protocol are our own: the libraries that have them are of 2022,
// or bring a framework. The transport is not our own but for the framing: the
// library's gives up at the first message that is no JSON.
//
// Diagnostics are pushed: the clients of 2022, which are what Debian has, cannot
// pull them.
package lsp
