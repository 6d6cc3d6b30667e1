// Package gclplugin is lockfix as a module plugin of golangci-lint, called
// lockfix.
//
// Golangci-lint applies the fixes of all findings without asking, formats the
// file, and knows fixes of one file only; it shows messages and no related places.
// So a finding carries at most one fix, a safe one that stays in its file and was
// checked together with the others, and its message says all there is to say.
//
// # Settings
//
//	linters:
//	  settings:
//	    custom:
//	      lockfix:
//	        type: module
//	        settings:
//	          select: [wakeloop, relock]   # these rules only
//	          ignore: [tokenheld]          # not these
//	          level: deadlock              # contention, hazard or deadlock
//	          locks:                       # what functions do, as in .lockfix.yaml
//	            - {acquire: example.com/m/store.Store.Begin, release: [example.com/m/store.Store.Commit], mode: read}
//	          tokens:
//	            - {acquire: example.com/m/pool.Pool.Get, release: example.com/m/pool.Conn.Free}
//	          wakers: [example.com/m/hub.Hub.Notify]
//	          blocking: [example.com/m/rpc.Call]
//	          nonblocking: [example.com/m/rpc.Client.Peek]
//
// The vocabulary stands here and not in .lockfix.yaml, which is not read:
// golangci-lint keeps results by its own configuration, and would show those of an
// old file. Which rules are off in which files is said by linters.exclusions.
package gclplugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rules"
)

func init() { register.Plugin("lockfix", New) }

// settings are what a user can say.
type settings struct {
	Select, Ignore                []string
	Level                         string
	Locks, Tokens                 []pair
	Wakers, Blocking, Nonblocking []string
}

type pair struct {
	Acquire, Release names
	Mode             string
}

// names are one name or a list of them.
type names []string

// UnmarshalJSON reads a string or a list of strings.
func (n *names) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(n))
}

// New makes the plugin of the settings in the configuration of golangci-lint. It
// refuses those that it does not know.
func New(conf any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](conf)
	if err != nil {
		return nil, fmt.Errorf("%w: the settings of lockfix are select, ignore, level, locks, tokens, wakers, blocking and nonblocking", err)
	}
	a, err := s.analyzer()
	if err != nil {
		return nil, fmt.Errorf("settings of lockfix: %w", err)
	}
	return plugin{a}, nil
}

// analyzer makes the analysis that the settings ask for. What is wrong with them is
// said here: the analyzer would say it of each package.
func (s settings) analyzer() (*analysis.Analyzer, error) {
	words, err := s.words()
	if err != nil {
		return nil, err
	}
	if _, err := rewrite.Choose(rules.All(), s.Select, s.Ignore); err != nil {
		return nil, err
	}
	if s.Level == "" {
		s.Level = "hazard"
	}
	if _, err := rewrite.LevelNamed(s.Level); err != nil {
		return nil, err
	}
	a := rewrite.Analyzer(rewrite.Default, rules.All(), rewrite.Config{Words: words, Fold: true})
	return a, errors.Join(
		a.Flags.Set("select", strings.Join(s.Select, ",")),
		a.Flags.Set("ignore", strings.Join(s.Ignore, ",")),
		a.Flags.Set("level", s.Level),
	)
}

// words compiles the vocabulary.
func (s settings) words() (*syncapi.Words, error) {
	pairs := func(list []pair) (out []syncapi.Pair, err error) {
		for _, p := range list {
			if len(p.Acquire) == 0 || len(p.Release) == 0 {
				return nil, errors.New("an item of locks and tokens needs both acquire and release")
			}
			if p.Mode != "" && p.Mode != "read" && p.Mode != "write" {
				return nil, fmt.Errorf("mode must be read or write, not %q", p.Mode)
			}
			out = append(out, syncapi.Pair{Acquire: p.Acquire, Release: p.Release, Read: p.Mode == "read"})
		}
		return out, nil
	}
	v := syncapi.Vocabulary{Wakers: s.Wakers, Blocking: s.Blocking, NonBlocking: s.Nonblocking, By: "the settings of golangci-lint"}
	var err error
	if v.Locks, err = pairs(s.Locks); err != nil {
		return nil, err
	}
	if v.Tokens, err = pairs(s.Tokens); err != nil {
		return nil, err
	}
	return v.Words()
}

// A plugin is what golangci-lint asks for analyzers.
type plugin struct{ analyzer *analysis.Analyzer }

func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{p.analyzer}, nil
}

// GetLoadMode asks for types: nothing is found without them.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
