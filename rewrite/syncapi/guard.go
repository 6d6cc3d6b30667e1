package syncapi

import (
	"go/types"
	"regexp"
)

// A Guard says how what a call hands out is ended, and what it costs not to.
type Guard struct {
	Result int      // which result is to be ended
	Ends   []string // methods that end it, the last whatever was done with it; none: it is a function, and calling it does
	Field  string   // the field of it that is to be ended: Body; "" for the thing itself
	Kept   string   // what is kept until then: "a goroutine", for the message
	Idle   string   // Go version from which the garbage collector ends it; "" if it never does
	With   int      // the result that ends with it: a context; -1 none
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

// buildsName are names of functions that make a response of what they have.
var buildsName = regexp.MustCompile(`(?i)^(new|make|build|read|parse|decode|mock|fake|cached)`)

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
