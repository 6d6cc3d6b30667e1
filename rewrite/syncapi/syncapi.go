package syncapi

// A Class ranks what an operation may do to whoever holds a lock around it.
type Class uint8

const (
	Pure    Class = iota // touches nothing shared
	Plain                // cannot block and runs no foreign code
	Locks                // takes another lock of the package
	Foreign              // runs foreign code: a func value, an interface that others implement
	Waits                // may wait for a peer
	Outside              // waits for the outside: I/O, sleep, RPC
)

// A Kind says what a function of the table does.
type Kind uint8

const (
	None     Kind = iota
	Acquire       // blocks until the resource is held
	Try           // acquires, or says that it did not
	Release       // gives the resource back
	Wait          // blocks until others act: WaitGroup.Wait, errgroup.Wait
	CondWait      // releases the condition's lock, waits, acquires it again
	Wake          // lets others run, cannot block: Signal, Broadcast, Done, cancel
	Sleep         // waits for time to pass
	IO            // waits for a file or for another machine
	Once          // runs its argument at most once, others wait for it
)

// A Mode is how a resource is held.
type Mode uint8

const (
	Write Mode = iota // alone
	Read              // beside other readers
)

// An Entry is what one function of the table does.
type Entry struct {
	Kind     Kind
	Mode     Mode
	Class    Class
	Operand  int    // what it acts on: -1 the receiver, else the index of an argument
	Sync     []int  // func arguments that run before the call returns
	Starts   []int  // func arguments that run later or elsewhere
	Bounded  bool   // ends at a deadline or when a context is cancelled
	Network  bool   // Kind IO: another machine takes part
	NoReturn bool   // never returns
	What     string // "waits for the group", for messages; "" for Class Plain
}
