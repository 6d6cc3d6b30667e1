package relay

import (
	"testing"

	"example.com/demo/internal/bounded"
)

// The reader reads when everything is sent, and everything is sent when the
// tokens are back: they must not wait for the reader.
func TestReaderComesLate(t *testing.T) {
	bounded.Run(t, func() {
		r := New()
		r.Send("ann", "hello", "bye")
		seen := map[string]bool{<-r.Lines(): true, <-r.Lines(): true}
		if !seen["ann: hello"] || !seen["ann: bye"] {
			t.Errorf("read %v", seen)
		}
	})
}
