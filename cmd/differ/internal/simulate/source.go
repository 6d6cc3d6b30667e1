package simulate

import "embed"

// Source is the package itself, to be built into the module of a batch.
//
//go:embed doc.go run.go chan.go sync.go race.go norace.go
var Source embed.FS
