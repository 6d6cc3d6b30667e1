package e
import "d"
var y d.r
func f() { d.f(nil) }