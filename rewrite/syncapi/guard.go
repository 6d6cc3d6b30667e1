package syncapi

import (
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// A Guard says how what a call hands out is ended, and what it costs not to.
type Guard struct {
	Result int      // which result is to be ended
	Ends   []string // methods that end it, the last whatever was done with it; none: it is a function, and calling it does
	Field  string   // the field of it that is to be ended: Body; "" for the thing itself
	Kept   string   // what is kept until then: "a goroutine", for the message
	Idle   string   // Go version from which the garbage collector ends it; "" if it never does
	With   int      // the result that ends with it: a context; -1 none
	Waits  bool     // what ends it waits for others: it is no call to be added
}

// guards are the functions that hand out what must be ended. Files are left out:
// the garbage collector closes those.
var guards = map[string]Guard{
	"context.WithCancel":        cancels,
	"context.WithCancelCause":   cancels,
	"context.WithTimeout":       expires,
	"context.WithTimeoutCause":  expires,
	"context.WithDeadline":      expires,
	"context.WithDeadlineCause": expires,
	"os/signal.NotifyContext":   {Result: 1, Kept: "the signals stay caught"},

	"golang.org/x/net/context.WithCancel":   cancels, // of before Go 1.7; later it is a name for the standard one
	"golang.org/x/net/context.WithTimeout":  expires,
	"golang.org/x/net/context.WithDeadline": expires,

	"golang.org/x/sync/errgroup.WithContext": {Ends: []string{"Wait"}, Kept: "only Wait or an error ends its context", With: 1, Waits: true},

	"time.NewTicker": {Ends: []string{"Stop"}, Kept: "the ticker goes on", Idle: "go1.23", With: -1},

	"net.Listen":                    listener,
	"net.ListenTCP":                 listener,
	"net.ListenUDP":                 listener,
	"net.ListenUnix":                listener,
	"net.ListenPacket":              listener,
	"crypto/tls.Listen":             listener,
	"net.Dial":                      connection,
	"net.DialTimeout":               connection,
	"net.DialTCP":                   connection,
	"net.DialUDP":                   connection,
	"net.DialUnix":                  connection,
	"net.Dialer.Dial":               connection,
	"crypto/tls.Dial":               connection,
	"net.ListenConfig.Listen":       listener,
	"net.ListenConfig.ListenPacket": listener,
	"net.Dialer.DialContext":        connection,

	"database/sql.DB.Query":          rows,
	"database/sql.DB.QueryContext":   rows,
	"database/sql.Conn.QueryContext": rows,
	"database/sql.DB.Conn":           {Ends: []string{"Close"}, Kept: "the connection is never free again", With: -1},
	"database/sql.DB.Begin":          transaction,
	"database/sql.DB.BeginTx":        transaction,
	"database/sql.Conn.BeginTx":      transaction,
}

var (
	cancels     = Guard{Result: 1, Kept: "what waits for the context goes on waiting"}
	expires     = Guard{Result: 1, Kept: "the context and its timer stay until it expires"}
	listener    = Guard{Ends: []string{"Close"}, Kept: "the address stays taken", With: -1}
	connection  = Guard{Ends: []string{"Close"}, Kept: "the connection stays open", With: -1}
	rows        = Guard{Ends: []string{"Close"}, Kept: "the connection is never free again", With: -1}
	transaction = Guard{Ends: []string{"Commit", "Rollback"}, Kept: "the connection is never free again", With: -1}
	response    = Guard{Ends: []string{"Close"}, Field: "Body", Kept: "the connection is never free again", With: -1}
)

// Timer says how a timer is ended. The garbage collector ends one of package time
// since Go 1.23; what a clock hands out holds one of those.
var Timer = Guard{Ends: []string{"Stop"}, Kept: "the timer goes on", Idle: "go1.23", With: -1}

// IsTimer reports whether a type is a timer, of package time or of a clock that
// tests replace: it is called so, and can be stopped and set again.
func IsTimer(t types.Type) bool {
	n := named(t)
	if n == nil || !strings.HasSuffix(n.Obj().Name(), "Timer") {
		return false
	}
	stop := methodOf(t, n, "Stop")
	reset := methodOf(t, n, "Reset")
	return stop != nil && reset != nil && stop.Signature().Params().Len() == 0 && stop.Signature().Results().Len() == 1 && reset.Signature().Params().Len() == 1
}

func methodOf(t types.Type, n *types.Named, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, n.Obj().Pkg(), name)
	fn, _ := obj.(*types.Func)
	return fn
}

// buildsName are names of functions that make a response of what they have.
var buildsName = pattern.New(`(?i)^(new|make|build|read|parse|decode|mock|fake|cached)`)

// Guarded says how to end what a function hands out; ok is false for one that
// hands out nothing of the kind. A response of a server is known by its type.
func Guarded(fn *types.Func) (g Guard, ok bool) {
	sig := fn.Signature()
	name := fn.Name()
	if recv := sig.Recv(); recv != nil {
		n := named(recv.Type())
		if n == nil {
			return Guard{}, false
		}
		name = n.Obj().Name() + "." + name
	}
	if g, ok := guards[pkgPath(fn.Pkg())+"."+name]; ok {
		return g, true
	}
	if res := sig.Results(); res.Len() == 2 && !buildsName.MatchString(fn.Name()) && isPointerTo(res.At(0).Type(), "net/http", "Response") {
		return response, true
	}
	return Guard{}, false
}

func isPointerTo(t types.Type, path, name string) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(p.Elem(), path, name)
}
