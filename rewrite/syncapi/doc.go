// Package syncapi knows what the functions of std and of widely used modules
// mean to someone who holds a lock: one table, asked before anything is
// inferred. Inference from their source is possible and noisy: by it
// fmt.Sprintf may block, because a Stringer may.
//
// Callers ask what the project says first, its [Words], then in this order:
//
//  1. [LookupOn], or [Lookup] where there is no receiver expression;
//     [FuncType] for calls of func values, [Builtin] for builtins;
//  2. their own summaries;
//  3. [LockMethod], for locks known by their shape only;
//  4. [Conventional], for methods of interfaces that others implement.
//
// What is in none of these is the caller's to rank; a method of a foreign
// interface is foreign code.
//
// # How the table is kept
//
// The files std*.go and thirdparty*.go hold rows: some names, one entry. Tests
// hold that each name of std exists and that a lookup of it ends at its row.
// Names of other modules are checked for form only.
//
// A package-wide row speaks for functions and for methods with a body, never
// for interfaces: those are named, or the row says "*.*". A func argument that
// no row speaks of counts as run before the call returns. That is true of
// nearly all of std, and where it is wrong it errs towards a report; functions
// that keep their argument have a row of their own. A wait that is given a
// context is bounded, by its signature and not by a flag somebody forgets.
//
// # The last word
//
// A package with a row "*" is described wholly ([Describes]): each of its functions
// and methods has an entry, and nobody has to look at its code, which for the
// standard library and generated clients is most of the code of a program. So such a
// row is not for a package of which only some functions are known.
//
// # What a project says
//
// A [Vocabulary] names functions and says what they do. It goes before this table
// and before code: who writes it down has seen what no analysis sees. It says of a
// function either what it does to a lock or token, or whether it waits or wakes,
// and of the rest nothing: a function that is called nonblocking takes the locks
// that its code takes.
//
// # Decisions
//
// Close of a file or connection is plain. It returns without waiting for the
// peer, but for SO_LINGER, and closing under the lock that guards the field is
// the rule in real code. So is that of io.Closer, io.ReadCloser and types named
// for files: a file or socket stands behind them. An interface of a program that
// embeds io.Closer is more than that and has no entry: a Close that comes back
// for the lock is a common deadlock. Not plain are the Close methods that send first: tls.Conn has an entry as I/O, the
// gzip.Writer too. A project that sets SO_LINGER would change our mind.
//
// fmt.Fprint and its like are plain, although a writer may wait. Most write to
// a buffer, a terminal or a response, and a writer that is a connection is
// better seen where its Write is called. [OnMemory] tells the cases apart for
// functions that have an entry as I/O; should Fprintf to connections under a
// lock turn up among findings that were missed, its row becomes I/O, and
// OnMemory keeps the buffers silent.
//
// fmt also runs String, Error and Format methods of its arguments, and
// sort.Sort, heap.Push and json.Marshal run methods of theirs. These are plain
// here: the table sees a function, not the types of its arguments.
//
// Streams of unknown origin (io.Reader.Read, an Encoder, a bufio.Writer) are
// I/O without a network: they may wait, and there is no proof that another
// machine takes part. bytes.Buffer, strings.Builder and hashes are plain, the
// latter by the static type: hash.Hash gets its Write from io.Writer.
//
// http.ResponseWriter.Write is I/O without a network: a slow client stops it once
// the buffer is full, until the server's timeout. http.Error and http.Redirect are
// plain: their text fits. So is binding an address: it asks the kernel.
//
// Operations on the file system are I/O, os.Stat included: disks stall and
// directories are mounted from elsewhere. Whether that is worth a report under
// a given lock is for the lock's tolerance to say.
//
// sync.Once.Do and sync.Mutex.Lock have the class of a lock, not of a wait:
// what they wait for is another critical section, and order between sections
// is another question than blocking in one.
//
// Logging, metrics and tracing are plain, see thirdparty_observe.go. Caches
// with an optional eviction callback are plain, see thirdparty_values.go.
//
// errgroup.Group.Go waits for a slot after SetLimit and is plain still:
// whether a limit was set cannot be seen at the call.
//
// Ranging over an iter.Seq runs code. Seq arguments are not listed as
// callbacks, for nearly all come from slices, maps and their like.
//
// # Custom
//
// [Conventional] guesses by name. It is asked last and for interfaces only. What
// weighed in the choice of its words:
//
//   - Close, Stop, Cancel, Unsubscribe, Notify, On…: a fifth of all wakes under
//     a lock that people had to fix were of this kind. They stay foreign, of
//     interfaces that are files by name excepted.
//   - Add, Remove, Update, Register: registries run observers. They stay foreign.
//     Set and the verbs that only count, mark or record do not.
//   - What is given a context and answers may ask another machine, but ends with
//     the context: bounded.
//   - Stores (…Store, …Backend, …Tx, …Cache, a bucket, an index) wait for a disk,
//     which comes back for no lock: slow, never stuck. Their Close and Stop wait
//     for those who use them, and stay foreign.
//   - What else returns something, iterators and appenders included, minds its
//     own state. Of several hundred such calls under a lock in six repositories
//     none was a hazard.
//   - Unsafe… and …Locked are named to be called under a lock.
package syncapi
