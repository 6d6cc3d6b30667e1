package d
import "sync"
type r[T any] r[T]
var x = r[int]{}
var mu sync.Mutex
func f(ch chan int) { mu.Lock(); ch <- 1; mu.Unlock() }
