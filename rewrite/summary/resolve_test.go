package summary

import "testing"

func TestTypesThatStandIn(t *testing.T) {
	for name, want := range map[string]bool{
		"MockStore": true, "storeFake": true, "NoOp": true, "noopStore": true, "TestServer": true, "DiscardHandler": true, "storeNOP": true, "dummy": true,
		"Store": false, "Latest": false, "stored": false, "toDiscard": false, "No_op": false, "": false,
	} {
		if got := testDouble(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}
