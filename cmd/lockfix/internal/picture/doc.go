// Package picture draws the lock-order graph as SVG.
//
// # Who places the boxes
//
// Dagre does, the layout library behind Mermaid and others: MIT licence, of npm's
// @dagrejs/dagre 3.1.3, its file dist/dagre.min.js as it was published. It is run
// by goja, an interpreter of JavaScript in Go: no cgo, no program beside this one.
// It needs a second or so for 200 locks, and starts when a picture is asked for. The
// command grows by it from 21.3 to 31.0 MB, and starts in 7 ms as before: what it
// adds is made up for in package syncapi, whose table is compiled when it is asked.
//
// Rejected, measured likewise:
//
//   - goccy/go-graphviz, which lays out best: it instantiates its WebAssembly in an
//     init function, so every run of the command, pictures or not, takes 35 ms
//     more, the first one two thirds of a second; and it keeps the compiled code
//     in a directory of fixed name below the one for temporary files, where
//     another user of the machine may have put other code.
//   - oss.terrastruct.com/d2, which runs dagre by goja too: 8 ms at each start, for
//     its parser, themes and fonts, and the Mozilla licence.
//   - gonum.org/v1/gonum/graph/layout: places by forces only. Locks have an order,
//     and a picture of it should go in one direction.
//
// A layered layout in a Go library that is kept would win: it would save 10 MB.
//
// What is left for dagre to do better: it leads arrows past the boxes of the layers
// between, but at times under one of a layer at either end.
package picture
