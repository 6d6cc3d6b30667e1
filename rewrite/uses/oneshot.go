package uses

import "go/ast"

func (x *Index) flagged(s sending) string { return "" }
func (x *Index) removed(s sending) string { return "" }

var _ ast.Node
