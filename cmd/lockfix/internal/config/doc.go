// Package config reads .lockfix.yaml, in which a project says what its functions
// do and which rules run where. Comments say the same in code.
//
// # The file
//
// It is the first of that name on the way up from the working directory to the
// root of the module, or of the workspace with go.work; --config names another.
//
//	locks:                 # what acquires a lock, and what gives it back
//	  - acquire: example.com/m/store.Store.Begin
//	    release: [example.com/m/store.Store.Commit, example.com/m/store.Store.Abort]
//	  - acquire: example.com/m/store.Store.View
//	    release: example.com/m/store.Store.Done
//	    mode: read         # beside other readers; without it: alone
//	tokens:                # the same for slots, permits and connections of a pool
//	  - acquire: example.com/m/pool.Pool.Get
//	    release: example.com/m/pool.Conn.Free
//	wakers:                # lets others run, who may come back for the lock
//	  - example.com/m/hub.Hub.Notify
//	blocking:              # waits for others, whatever ends the wait
//	  - example.com/m/rpc.Call
//	nonblocking:           # does neither
//	  - example.com/m/rpc.Client.Peek
//	rules:
//	  enable: [NAME]       # of those that are off unless asked for
//	  disable: [NAME]
//	  paths:               # rules that are off in some files
//	    internal/legacy: [blockheld, wakeheld]
//	    "**/zz_*.go": all
//	    cmd:               # or, of the rules that run:
//	      select: [relock, lockorder] # these only
//	      level: deadlock  # and what is below is not reported
//	    tools: {disable: tokenheld, level: deadlock}
//
// Functions are named pkgpath.Func and pkgpath.Type.Method, by the import path,
// a major version included; pointers and type parameters are not written. A
// method of an interface goes by the interface, a promoted one by the type that
// declares it or by that of the values that it is called on.
//
// What a pair holds is the value that release is a method of, where acquire
// returns it; else the receiver of a method and the first argument of a function.
// Where the last result of acquire is an error or a bool, it says whether
// anything is held.
//
// What the file says of a function goes before what its code says: a function
// that is named blocking is reported under a lock whatever it does, one that is
// named nonblocking is not. Which locks it takes is still read from its code.
//
// Patterns are relative to the directory of the file: * is any name, ** any
// number of directories. A pattern of a directory holds for all files below it.
// Where several match a file, each of them holds. --select and --ignore go before
// enable and disable, not before paths; a level is raised by a path, never lowered.
//
// Every key and value is checked, and every mistake is reported, with line and
// column. A function that its package does not have is one too, found when a
// program is loaded that imports the package.
//
// # Comments
//
//	//lockfix:blocks       above a function, a method of an interface, or a field
//	                       or variable of the package that is a function
//	//lockfix:wakes        likewise
//	//lockfix:holds mu     above a function whose callers hold mu: a field of its
//	                       receiver, a parameter or a path from one (s.mu), or a
//	                       variable of the package
//	//lockfix:lock io      on the declaration of a lock: it is there for I/O, which
//	                       is not reported under it
//	//lockfix:lock leaf    on the declaration of a lock: no other lock is taken
//	                       under it
//	//lockfix:ignore RULE reason
//
// What follows on the line is a remark. One that is misspelt, or stands where it
// says nothing, is reported.
//
// Annotations for gvisor's checklocks are read as truth: on functions
// // +checklocks:s.mu (its callers hold s.mu), +checklocksread, +checklocksacquire
// (it leaves s.mu held), +checklocksrelease (it releases what its caller holds),
// both also with read at the end, +checklocksexclude (its callers do not hold it)
// and +checklocksignore (nothing is reported in it, or on the line); on a field
// // +checklocks:mu, the lock that guards it.
//
// # Decisions
//
// The file is decoded by hand from the syntax tree of the YAML: the decoder of
// the library stops at the first mistake, and what it says of it is made for
// programmers of Go. go.yaml.in/yaml/v4 was chosen over goccy/go-yaml, which has
// positions too, because it is where yaml.v3 is kept alive.
//
// A wait that the file or a comment speaks of is reported even where a context
// ends it. Whoever writes it down means it; the waits that lockfix infers rank
// lower with a context.
package config
