package syncapi

import (
	"go/types"
	"slices"
	"strings"
)

// isLockCall: LockInsideApply, RLock, UnlockAll. That they may deadlock is a
// matter of lock order.
func isLockCall(fn method) bool {
	sig := fn.Signature()
	if sig.Params().Len() > 0 || sig.Results().Len() > 0 {
		return false
	}
	switch fn.words[0] {
	case "Lock", "RLock", "Unlock", "RUnlock":
		return true
	}
	return false
}

// wantsLock: the name says that whoever calls holds a lock already.
func wantsLock(fn method) bool {
	w := fn.words
	switch last := w[len(w)-1]; {
	case w[0] == "Unsafe" || w[0] == "unsafe" || len(w) > 1 && w[1] == "Unsafe":
		return true
	case len(w) > 1 && (last == "Locked" || last == "Unsafe" || last == "Unlocked"):
		return true
	}
	return false
}

// listeners are the last words of the names of interfaces whose methods tell
// somebody something.
var listeners = []string{
	"callback", "callbacks", "delegate", "handler", "hook", "hooks", "listener", "notifee", "notifiee", "notifier",
	"observer", "publisher", "reporter", "sink", "subscriber", "visitor",
}

var eventVerbs = []string{
	"broadcast", "callback", "dispatch", "emit", "fire", "handle", "inform", "notify", "on", "publish", "signal", "trigger",
}

// Tells reports whether a method or function value tells somebody of an event by
// its name: OnClose, handleMessage, Connected. Called under a lock it goes
// against the usual direction of calls, and so of locks.
func Tells(name string) bool {
	verb := strings.ToLower(words(name)[0])
	return slices.Contains(eventVerbs, verb) && len(words(name)) > 1
}

// isEvent: the name tells that something happens or has happened: OnClose,
// HandleEvent, Connected; or it gives nothing back and its interface is there to
// be told.
func isEvent(fn method) bool {
	w := fn.words
	first := strings.ToLower(w[0])
	if slices.Contains(eventVerbs, first) {
		return true
	}
	if fn.Signature().Results().Len() > 0 {
		return false
	}
	return len(first) > 3 && strings.HasSuffix(first, "ed") || slices.Contains(listeners, lastWord(fn))
}

// stores are the last words of the names of interfaces whose methods read and
// write a store.
var stores = []string{
	"backend", "batch", "book", "bucket", "cache", "database", "db", "disk", "fs", "index", "kv", "pool", "repo", "repository",
	"snapshotter", "storage", "tx", "txn", "wal",
}

// files are the last words of the names of types that are like a file, to read
// from or to write to: closing one waits for nobody.
var files = []string{"at", "cursor", "file", "iterator", "logger", "querier", "reader", "rows", "segment", "writer"}

func isFileName(name string) bool {
	w := words(name)
	return slices.Contains(files, strings.ToLower(w[len(w)-1]))
}

// isStoreCall: the interface is a store by name. Its Close and Stop wait for
// those who use it, unless it is a file.
func isStoreCall(fn method) bool {
	last := lastWord(fn)
	file := slices.Contains(files, last)
	if !file && !slices.Contains(stores, last) && !strings.HasSuffix(last, "store") {
		return false
	}
	switch fn.words[0] {
	case "Close":
		return file
	case "Stop", "Shutdown", "Wait", "Watch", "Subscribe", "Unsubscribe":
		return false
	}
	return true
}

// lastWord is the last word of the name of the interface that declares fn.
func lastWord(fn method) string {
	n, ok := fn.iface.(*types.Named)
	if !ok {
		return ""
	}
	w := words(n.Obj().Name())
	last := strings.ToLower(w[len(w)-1])
	if last == "interface" && len(w) > 1 {
		last = strings.ToLower(w[len(w)-2])
	}
	return last
}

// asks: a context goes in and an answer, or an error, comes out.
func asks(fn method) bool {
	sig := fn.Signature()
	return takesContext(sig) && sig.Results().Len() > 0
}

// effects are the verbs of methods that act on others: what they act on may
// wait for somebody, or tell somebody who comes back.
var effects = []string{
	"abort", "accept", "add", "apply", "call", "cancel", "cleanup", "close", "commit", "complete", "connect",
	"delete", "deliver", "deregister", "dial", "disconnect", "do", "done", "drain", "end", "evict",
	"exec", "execute", "exit", "expire", "fetch", "finish", "flush", "forward", "halt", "interrupt", "invalidate", "invoke",
	"join", "kill", "leave", "listen", "open", "ping", "poll", "process", "pull", "push", "quit", "read", "receive", "recv",
	"refresh", "register", "reload", "remove", "resolve", "restart", "restore", "resume", "retry",
	"revoke", "rollback", "run", "send", "serve", "shutdown", "spawn", "start", "stop", "subscribe",
	"suspend", "terminate", "unregister", "unsubscribe", "update", "visit", "wait", "wake", "walk", "watch", "write",
}

// views: ViewPeer(id, func(*Peer) error) shows something in place, to a function
// that is judged where it is written.
func views(fn method) bool {
	return fn.words[0] == "View" && len(funcParams(fn.Signature())) > 0
}

// registers: SetStreamHandler(id, f) keeps a function for later or forgets it, as
// RegisterService(desc, impl) keeps an object. What
// is told of it is the one who calls it then.
func registers(fn method) bool {
	w := fn.words
	if len(w) < 2 || !slices.Contains([]string{"Handler", "Hook", "Callback", "Service"}, w[len(w)-1]) {
		return false
	}
	return slices.Contains([]string{"Add", "Deregister", "Register", "Remove", "Set", "Unregister"}, w[0])
}

// nouns among the effects, of getters without parameters: Process() Process.
var nouns = []string{"call", "listen", "process", "request", "schedule", "update", "watch"}

// isEffect: the first word is a verb of effect, or a function goes in.
func isEffect(fn method) bool {
	sig := fn.Signature()
	if len(funcParams(sig)) > 0 {
		return true
	}
	if fn.Name() == "Get" && sig.Params().Len() == 0 {
		return true // of a queue, which waits
	}
	verb := strings.ToLower(fn.words[0])
	if !slices.Contains(effects, verb) {
		return false
	}
	getter := sig.Params().Len() == 0 && sig.Results().Len() > 0 && !returnsError(sig)
	return !getter || !slices.Contains(nouns, verb)
}

// quietVerbs are those of methods that give nothing back and change only what
// they are called on. What is scheduled or submitted runs elsewhere.
var quietVerbs = []string{
	"append", "attach", "clear", "clone", "copy", "detach", "dec", "decrement", "encode", "enqueue", "fill", "inc", "increment", "mark", "observe", "prefetch",
	"protect", "put", "record", "recover", "request", "reset", "schedule", "seek", "set", "sort", "submit", "swap", "tag", "touch", "track", "unprotect", "unset", "untag",
}

// minds: something comes back, or the verb is one that changes only the object
// itself.
func minds(fn method) bool {
	return fn.Signature().Results().Len() > 0 || slices.Contains(quietVerbs, strings.ToLower(fn.words[0]))
}
