package syncapi

import (
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// Conventional says what a method of an interface that is not in the table does
// by custom, going by its shape, its name and the names of the interface and
// package. Without it each conn.RemoteAddr() under a lock would be foreign code.
// The package comment says what was weighed.
func Conventional(fn *types.Func) (Entry, bool) {
	fn = fn.Origin()
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return Entry{}, false
	}
	m := method{fn, words(fn.Name()), interfaceOf(fn)}
	for _, c := range conventions {
		if c.holds(m) {
			return c.is.on(-1).fit(fn.Signature()), c.is.Class != Foreign
		}
	}
	return Entry{}, false
}

// A method is one of an interface, with what the conventions ask of it.
type method struct {
	*types.Func
	words []string   // of its name
	iface types.Type // the defined interface that declares it; nil if it has no name
}

// conventions in the order they are asked: what waits or runs foreign code goes
// before what looks harmless. Class Foreign ends the search: custom has nothing
// to say for the method.
var conventions = []struct {
	is    Entry
	why   string
	holds func(method) bool
}{
	{network(aPeer), "a method with grpc.CallOptions, or of a stream, is a remote call", isRemoteCall},
	{waits("waits for an item"), "a work queue hands out its next item when there is one", isQueueWait},
	{plain, "and otherwise minds its own state", isWorkQueue},
	{plain, "loggers are called with locks held everywhere", isLogCall},
	{plain, "so are counters, spans and recorders of events", isMetricCall},
	{Entry{Class: Locks}, "a method named for locking takes a lock of its own", isLockCall},
	{plain, "a method named Unsafe… or …Locked is made to be called under a lock", wantsLock},
	{foreign, "what is told of an event does what it likes", isEvent},
	{file("waits for the store"), "a store waits for its disk, which comes back for no lock", isStoreCall},
	{plain, "a getter or predicate only reports state", isGetter},
	{plain, "a view runs only the function that it is given", views},
	{starts(), "a function that is registered is kept for later", registers},
	{network("asks for an answer"), "what is given a context may ask another machine, until the context ends", asks},
	{foreign, "a verb of effect acts on others, who may wait or call back", isEffect},
	{plain, "what is left and answers, or sets a value, minds its own state", minds},
}

const grpc = "google.golang.org/grpc"

// isRemoteCall knows the interfaces that protoc writes for a service.
func isRemoteCall(fn method) bool {
	params := fn.Signature().Params()
	if n := params.Len(); n > 0 && fn.Signature().Variadic() {
		if s, ok := params.At(n - 1).Type().(*types.Slice); ok && isNamed(s.Elem(), grpc, "CallOption") {
			return true
		}
	}
	switch fn.Name() {
	case "Send", "Recv", "SendAndClose", "CloseAndRecv":
		return embedsStream(fn.iface)
	}
	return false
}

func embedsStream(t types.Type) bool {
	if t == nil {
		return false
	}
	iface := t.Underlying().(*types.Interface)
	for e := range iface.EmbeddedTypes() {
		if isNamed(e, grpc, "ClientStream") || isNamed(e, grpc, "ServerStream") {
			return true
		}
	}
	return false
}

// isWorkQueue knows the interfaces of work queues by their shape, as client-go
// has it and others copy it: Get gives an item and whether the queue is shut down,
// Done takes it back.
func isWorkQueue(fn method) bool {
	recv := fn.Signature().Recv().Type()
	find := func(name string) *types.Signature {
		obj, _, _ := types.LookupFieldOrMethod(recv, false, fn.Pkg(), name)
		m, ok := obj.(*types.Func)
		if !ok {
			return nil
		}
		return m.Signature()
	}
	get, done := find("Get"), find("Done")
	if get == nil || done == nil || find("ShutDown") == nil && find("Shutdown") == nil {
		return false
	}
	if get.Params().Len() != 0 || get.Results().Len() != 2 || done.Params().Len() != 1 || done.Results().Len() != 0 {
		return false
	}
	b, ok := get.Results().At(1).Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Bool
}

// isQueueWait: Get waits for an item, ShutDownWithDrain for those in work.
func isQueueWait(fn method) bool {
	return (fn.Name() == "Get" || strings.HasSuffix(fn.Name(), "WithDrain")) && isWorkQueue(fn)
}

// isLogCall: the interface or package has "log" among the words of its name,
// and the method is one of a logger.
func isLogCall(fn method) bool {
	if !about(fn, "log", "logs", "logger", "logging", "logr", "slog", "hclog", "glog", "klog", "logrus", "zap") {
		return false
	}
	name := fn.Name()
	if name == "V" || name == "Enabled" || name == "With" || name == "Named" || name == "Close" || name == "Sync" {
		return true
	}
	return slices.Contains(logVerbs, strings.ToLower(words(name)[0]))
}

var logVerbs = []string{
	"trace", "tracef", "traceln", "debug", "debugf", "debugln", "debugw", "info", "infof", "infoln", "infow",
	"notice", "noticef", "warn", "warnf", "warnln", "warnw", "warning", "warningf", "warningln",
	"error", "errorf", "errorln", "errorw", "log", "logf", "print", "printf", "println",
}

// isMetricCall: the interface or package is about metrics or traces, and the
// method neither ends nor exports something, nor can it fail, nor takes a func.
// A "span" in a longer name is not enough: some hold resources.
func isMetricCall(fn method) bool {
	if !about(fn, "metric", "metrics", "stats", "statsd", "telemetry", "counter", "gauge", "histogram", "trace", "tracer", "tracing") &&
		!isSpan(fn.iface) {
		return false
	}
	switch fn.words[0] {
	case "Close", "Stop", "Shutdown", "Start", "Run", "Wait", "Flush", "Force", "Push", "Export", "Collect", "Gather", "Each", "Register":
		return false
	}
	return !returnsError(fn.Signature()) && len(funcParams(fn.Signature())) == 0
}

func isSpan(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "Span"
}

// isGetter: something comes back and it is no error, only values go in, and the
// name is a noun or a question.
func isGetter(fn method) bool {
	sig := fn.Signature()
	if sig.Results().Len() == 0 || returnsError(sig) || !getterName(fn.Name(), sig.Params().Len()) {
		return false
	}
	for p := range sig.Params().Variables() {
		if !isValue(p.Type()) && !isOperator(fn) {
			return false
		}
	}
	return true
}

func returnsError(sig *types.Signature) bool {
	for r := range sig.Results().Variables() {
		if types.Identical(r.Type(), types.Universe.Lookup("error").Type()) {
			return true
		}
	}
	return false
}

// isOperator: comparing takes another value of the interface.
func isOperator(fn method) bool {
	switch fn.Name() {
	case "Less", "Equal", "Equals", "Compare", "Cmp":
		return fn.Signature().Params().Len() == 1
	}
	return false
}

// isValue: numbers, strings, and structs, arrays and slices of such.
func isValue(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	case *types.Slice:
		return isValue(t.Elem())
	case *types.Array:
		return isValue(t.Elem())
	case *types.Struct:
		return true
	}
	return false
}

var (
	// a name that is one of these
	getterNouns = []string{
		"Addr", "Address", "Bytes", "Cap", "Config", "Contains", "Context", "Count", "Deadline", "Desc", "Description",
		"Done", "Endpoint", "Equal", "Equals", "Cmp", "Compare", "Err", "Exists", "Hash", "Height", "Host", "ID", "Id", "Index", "Key",
		"Kind", "Label", "Labels", "Len", "Length", "Less", "Level", "Mode", "Name", "Network", "Now", "Options", "Owner", "Parent",
		"Path", "Peer", "Port", "Prefix", "Priority", "Protocol", "Root", "Scheme", "Size", "Since", "State", "Status", "String", "Term",
		"Title", "Topic", "Type", "URL", "Unwrap", "Username", "Valid", "Value", "Version", "Weight",
	}
	// a name of several words whose first is one of these
	getterFirst = []string{"Get", "Is", "Has", "Can", "Supports", "Local", "Remote", "Num", "Max", "Min", "Total", "Should"}
	// or whose last is one of these
	getterLast = []string{"ID", "Id", "Name", "Addr", "Address", "Count", "Size", "Len", "Key", "Type", "Kind", "Version", "Index", "Time"}
	// but not when the first says that something is done
	doing = []string{
		"Add", "Alloc", "Allocate", "Append", "Assign", "Create", "Delete", "Fetch", "Find", "Load", "Lookup", "Make", "New", "Next",
		"Pop", "Push", "Put", "Read", "Remove", "Resolve", "Scan", "Set", "Store", "Sync", "Take", "Update", "Wait", "Write",
	}
)

func getterName(name string, params int) bool {
	if name == "Get" {
		return params > 0
	}
	if slices.Contains(getterNouns, name) {
		return true
	}
	w := words(name)
	if len(w) < 2 {
		return false
	}
	return slices.Contains(getterFirst, w[0]) ||
		slices.Contains(getterLast, w[len(w)-1]) && !slices.Contains(doing, w[0])
}

// about reports whether a word of the interface's name, or the package's name,
// is one of subjects.
func about(fn method, subjects ...string) bool {
	if fn.Pkg() != nil && slices.Contains(subjects, fn.Pkg().Name()) {
		return true
	}
	n, ok := fn.iface.(*types.Named)
	if !ok {
		return false
	}
	for _, w := range words(n.Obj().Name()) {
		if slices.Contains(subjects, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// interfaceOf returns the defined interface that declares fn, nil if it has no
// name. Read from export data, a method does not know it: search the package.
func interfaceOf(fn *types.Func) types.Type {
	if n := named(fn.Signature().Recv().Type()); n != nil {
		return n
	}
	if fn.Pkg() == nil {
		return nil
	}
	scope := fn.Pkg().Scope()
	for _, name := range scope.Names() {
		if obj := scope.Lookup(name); declares(obj, fn) {
			return obj.Type()
		}
	}
	return nil
}

// words splits a Go name: "RemoteAddr" is Remote, Addr; "GetURLPath" is Get,
// URL, Path; "PeerID" is Peer, ID.
func words(name string) []string {
	var out []string
	rs := []rune(name)
	start := 0
	for i := 1; i < len(rs); i++ {
		up := unicode.IsUpper(rs[i])
		if up && !unicode.IsUpper(rs[i-1]) ||
			up && i+1 < len(rs) && unicode.IsLower(rs[i+1]) {
			out = append(out, string(rs[start:i]))
			start = i
		}
	}
	return append(out, string(rs[start:]))
}
