package meter_test

import "testing"

func TestMemoryIsThatOfTheWholeTree(t *testing.T) {
	r, err := run(t, t.Context(), "parent")
	if err != nil {
		t.Fatal(err)
	}
	// Each child alone has less than 80 MB. The race detector takes three times that.
	if mb := r.Peak >> 20; mb < 80 || mb > 500 {
		t.Errorf("peak %d MB, want the 80 MB of both children and some", mb)
	}
}
