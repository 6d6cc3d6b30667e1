// Package config reads .lockfix.yaml, the file in which a project says what its
// functions do and which rules run where.
//
//	locks:                 # what acquires a lock, and what gives it back
//	  - acquire: example.com/m/store.Store.Begin
//	    release: [example.com/m/store.Store.Commit, example.com/m/store.Store.Abort]
//	    mode: read         # beside other readers; without it: alone
//	tokens:                # the same for slots, permits and connections of a pool
//	  - acquire: example.com/m/pool.Pool.Get
//	    release: example.com/m/pool.Conn.Free
//	wakers:                # lets others run, who may come back for the lock
//	  - example.com/m/hub.Hub.Notify
//	blocking:              # waits for others
//	  - example.com/m/rpc.Call
//	nonblocking:           # neither
//	  - example.com/m/rpc.Client.Peek
//	rules:
//	  enable: [NAME]       # of those that are off unless asked for
//	  disable: [NAME]
//	  paths:               # rules that are off in some files
//	    internal/legacy: [blockheld, wakeheld]
//	    "**/zz_*.go": all
//
// [syncapi.Vocabulary] says how functions are named. Patterns are relative to the
// directory of the file and as in doublestar: * is any name, ** any number of
// directories. A pattern of a directory holds for all files below it.
//
// Every key and value is checked, and every mistake is reported, with line and
// column. A name of a function that its package does not have is a mistake too,
// found when a program is loaded that imports the package.
//
// # Decisions
//
// The file is decoded by hand from the syntax tree of the YAML: the decoder of
// the library stops at the first mistake, and what it says of it is made for
// programmers of Go. yaml.v4 was chosen over goccy/go-yaml, whose tree is its own:
// it is what go.yaml.in keeps alive of yaml.v3, and has line and column of nodes.
package config
