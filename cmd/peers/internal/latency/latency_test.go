package latency

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var list []time.Duration
	for i := range 100 {
		list = append(list, time.Duration(100-i))
	}
	for p, want := range map[float64]time.Duration{50: 50, 95: 95, 100: 100, 0: 1} {
		if got := Percentile(list, p); got != want {
			t.Errorf("p%v of 1 to 100 is %d, want %d", p, got, want)
		}
	}
	if got := Percentile(list[:1], 95); got != 100 {
		t.Errorf("p95 of one figure is %d", got)
	}
}

func TestAnAimThatIsMissedIsNamed(t *testing.T) {
	good := &Result{Warm: time.Second, Change: []time.Duration{time.Millisecond}, Peak: 1 << 20}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	bad := *good
	bad.Change = []time.Duration{200 * time.Millisecond}
	bad.Peak = 501 << 20
	err := bad.Check()
	if err == nil || err.Error() != "change to diagnostics, p50: 200 ms, aim 150\npeak memory: 501 MB, aim 500" {
		t.Errorf("%v", err)
	}
	var b strings.Builder
	if err := bad.Print(&b); err != nil || !strings.Contains(b.String(), "change to diagnostics, p50        200 ms") {
		t.Errorf("%v:\n%s", err, &b)
	}
}

func TestWhereToType(t *testing.T) {
	got := bodies("package p\n\nfunc f() {\n\tif a {\n\t}\n\tif b &&\n\t\tc {\n\t}\n}\n")
	if len(got) != 1 || got[0] != 4 {
		t.Errorf("%v, want the line behind the if statement of one line", got)
	}
}
