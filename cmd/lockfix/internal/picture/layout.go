package picture

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

//go:embed dagre.min.js
var dagre string

//go:embed layout.js
var script string

// compiled are the library and what calls it. They are not compiled before somebody
// wants a picture.
var compiled = sync.OnceValues(func() ([]*goja.Program, error) {
	var out []*goja.Program
	for _, f := range [][2]string{{"dagre.min.js", dagre}, {"layout.js", script}} {
		p, err := goja.Compile(f[0], f[1], true)
		if err != nil {
			return nil, fmt.Errorf("compiling %s: %w", f[0], err)
		}
		out = append(out, p)
	}
	return out, nil
})

// A plan is what is to be placed, and where it is placed.
type plan struct {
	Nodes  []node  `json:"nodes"`
	Edges  []edge  `json:"edges"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

type node struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	X      float64 `json:"x"` // of its middle
	Y      float64 `json:"y"`
}

type edge struct {
	From   int     `json:"from"` // numbers of nodes
	To     int     `json:"to"`
	Width  float64 `json:"width"` // of its label
	Height float64 `json:"height"`
	X      float64 `json:"x"` // of the middle of its label
	Y      float64 `json:"y"`
	Points []point `json:"points"`
}

type point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// place places nodes and edges of each part. It ends early when the context does.
func place(ctx context.Context, parts []*part) error {
	programs, err := compiled()
	if err != nil {
		return err
	}
	vm := goja.New()
	defer context.AfterFunc(ctx, func() { vm.Interrupt(ctx.Err()) })()
	for _, program := range programs {
		if _, err := vm.RunProgram(program); err != nil {
			return fmt.Errorf("loading the layout: %w", cmp.Or(ctx.Err(), err))
		}
	}
	layout, ok := goja.AssertFunction(vm.Get("layout"))
	if !ok {
		return errors.New("layout.js declares no function layout")
	}
	for _, x := range parts {
		text, err := json.Marshal(x.plan)
		if err != nil {
			return err
		}
		placed, err := layout(goja.Undefined(), vm.ToValue(string(text)))
		if err != nil {
			return fmt.Errorf("placing %d locks: %w", len(x.Nodes), cmp.Or(ctx.Err(), err))
		}
		if err := json.Unmarshal([]byte(placed.String()), &x.plan); err != nil {
			return fmt.Errorf("reading the layout: %w", err)
		}
	}
	return ctx.Err()
}
