package gclplugin

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
)

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		claim, settings string // as golangci-lint hands them on
		flags           string // select, ignore and level of the analyzer
		err             string
	}{
		{"none are needed", `null`, ",,hazard", ""},
		{"rules and level become flags", `{"select": ["wakeloop", "relock"], "ignore": ["relock"], "level": "deadlock"}`, "wakeloop+relock,relock,deadlock", ""},
		{"a vocabulary is read, one name as a list", `{"locks": [{"acquire": "m.Store.Begin", "release": ["m.Store.Commit", "m.Store.Abort"], "mode": "read"}],
			"tokens": [{"acquire": "m.Get", "release": "m.Conn.Free"}], "wakers": ["m.Notify"], "blocking": ["m.Call"], "nonblocking": ["m.Peek"]}`, ",,hazard", ""},
		{"an unknown key is refused", `{"selct": ["wakeloop"]}`, "", `unknown field "selct": the settings of lockfix are select, ignore,`},
		{"an unknown key of a lock is refused", `{"locks": [{"aquire": "m.Lock"}]}`, "", `unknown field "aquire"`},
		{"an unknown rule is refused", `{"ignore": ["wakelop"]}`, "", `unknown rule "wakelop": did you mean wakeloop?`},
		{"an unknown level is refused", `{"level": "high"}`, "", `unknown level "high": use`},
		{"half a lock is refused", `{"locks": [{"acquire": "m.Lock"}]}`, "", "needs both acquire and release"},
		{"an unknown mode is refused", `{"locks": [{"acquire": "m.Lock", "release": "m.Unlock", "mode": "shared"}]}`, "", `not "shared"`},
		{"what names no function is refused", `{"blocking": ["*m.T.Call"]}`, "", "is no name of a function"},
		{"a number is no rule", `{"select": [7]}`, "", "cannot unmarshal number"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			newPlugin, err := register.GetPlugin("lockfix")
			if err != nil {
				t.Fatal(err)
			}
			var conf any
			if err := json.Unmarshal([]byte(tt.settings), &conf); err != nil {
				t.Fatal(err)
			}
			p, err := newPlugin(conf)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all, err := p.BuildAnalyzers()
			if err != nil || len(all) != 1 || p.GetLoadMode() != register.LoadModeTypesInfo {
				t.Fatalf("%d analyzers, %v, load mode %s", len(all), err, p.GetLoadMode())
			}
			var got []string
			for _, name := range []string{"select", "ignore", "level"} {
				got = append(got, strings.ReplaceAll(all[0].Flags.Lookup(name).Value.String(), ",", "+"))
			}
			if flags := strings.Join(got, ","); flags != tt.flags {
				t.Errorf("flags %s, want %s", flags, tt.flags)
			}
		})
	}
}
