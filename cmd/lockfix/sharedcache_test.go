package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSharedCache runs go vet with lockfix on machines that have nothing but the
// cache that they share: the first one fills it, the second one runs neither the
// compiler nor lockfix.
func TestSharedCache(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a part of the standard library")
	}
	if raced {
		t.Skip("starts the command once a package: the run without the race detector has it")
	}
	if runtime.GOOS == "windows" {
		t.Skip("a link is no program there")
	}
	shared := &cacheServer{entries: make(map[string]entry)}
	server := httptest.NewServer(shared)
	defer server.Close()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	vet := func(name, path string) vetting {
		m := machine{t: t, dir: filepath.Join(root, name), module: filepath.Join(root, path)}
		shared.reset()
		v := m.vet(server.URL)
		v.gets, v.hits, v.puts = shared.counts()
		t.Logf("%s: %.1fs, lockfix ran %d times; %d asked for, %d there, %d put", name, v.took.Seconds(), v.runs, v.gets, v.hits, v.puts)
		if want := "call of lower.Send blocks while mu is held [blockheld]"; !strings.Contains(v.printed, want) {
			t.Errorf("%s: no %q in\n%s", name, want, v.printed)
		}
		return v
	}

	first := vet("first", "src")
	if first.runs < 3 || first.puts < first.runs {
		t.Errorf("the first machine ran lockfix %d times and put %d entries", first.runs, first.puts)
	}
	second := vet("second", "src")
	// The go command asks for the object of upper, which nothing imports and which
	// therefore is never made.
	if second.runs != 0 || second.puts != 0 || second.hits < second.gets-1 {
		t.Errorf("the second machine ran lockfix %d times; %d of %d entries were there, %d put", second.runs, second.hits, second.gets, second.puts)
	}
	if second.printed != first.printed {
		t.Errorf("the second machine prints\n%s\nand the first one\n%s", second.printed, first.printed)
	}
	// What the go command compiles depends on the place of the checkout. What that
	// depends on does not.
	if third := vet("elsewhere", "other"); third.runs != 2 {
		t.Errorf("a checkout elsewhere ran lockfix %d times, want once for each of its 2 packages", third.runs)
	}
}

// A machine has a cache and a checkout of its own.
type machine struct {
	t           *testing.T
	dir, module string
}

// A vetting is what a run of go vet did.
type vetting struct {
	printed          string
	took             time.Duration
	runs             int // of lockfix, to check a package
	gets, hits, puts int
}

var vetted = map[string]string{
	"go.mod":         "module example.com/m\n\ngo 1.24\n",
	"lower/lower.go": "package lower\n\n// Send waits for a receiver.\nfunc Send(ch chan int) { ch <- 1 }\n",
	"upper/upper.go": `package upper

import (
	"sync"

	"example.com/m/lower"
)

var mu sync.Mutex

// Held waits under a lock.
func Held(ch chan int) {
	mu.Lock()
	defer mu.Unlock()
	lower.Send(ch)
}
`,
}

// vet checks the module out anew and runs go vet in it.
func (m machine) vet(url string) vetting {
	m.t.Helper()
	exe, err := os.Executable()
	m.must(err)
	m.must(os.RemoveAll(m.module))
	for name, text := range vetted {
		m.must(os.MkdirAll(filepath.Dir(filepath.Join(m.module, name)), 0o777))
		m.must(os.WriteFile(filepath.Join(m.module, name), []byte(text), 0o666))
	}
	m.must(os.MkdirAll(m.dir, 0o777))
	for _, name := range []string{"lockfixcounted", "cacheprog"} { // the go command asks the program for its own content
		m.must(os.Symlink(exe, filepath.Join(m.dir, name)))
	}
	count := filepath.Join(m.dir, "runs")
	cmd := exec.Command("go", "vet", "-vettool="+filepath.Join(m.dir, "lockfixcounted"), "./...")
	cmd.Dir = m.module
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0",
		"GOCACHE="+filepath.Join(m.dir, "cache"), runsVariable+"="+count,
		"GOCACHEPROG="+filepath.Join(m.dir, "cacheprog")+" "+url+" "+filepath.Join(m.dir, "objects"))
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		m.t.Fatalf("go vet: %v\n%s", err, out)
	}
	runs, err := os.ReadFile(count)
	if !errors.Is(err, os.ErrNotExist) {
		m.must(err)
	}
	return vetting{printed: string(out), took: time.Since(start), runs: bytes.Count(runs, []byte("\n"))}
}

func (m machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// runsVariable names the file in which lockfixcounted notes that it checks a
// package.
const runsVariable = "LOCKFIX_TEST_RUNS"

// countRun is run by lockfixcounted before it is lockfix.
func countRun() {
	if !strings.HasSuffix(os.Args[len(os.Args)-1], ".cfg") {
		return
	}
	f, err := os.OpenFile(os.Getenv(runsVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = f.WriteString("run\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// A cacheServer keeps what machines share.
type cacheServer struct {
	mu               sync.Mutex
	entries          map[string]entry // by action
	gets, hits, puts int
}

type entry struct {
	output string // in hexadecimal digits
	body   []byte
}

const outputHeader = "Output-Id"

func (s *cacheServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPut {
		s.puts++
		s.entries[r.URL.Path] = entry{r.Header.Get(outputHeader), body}
		return
	}
	s.gets++
	e, ok := s.entries[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.hits++
	w.Header().Set(outputHeader, e.output)
	w.Write(e.body)
}

func (s *cacheServer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets, s.hits, s.puts = 0, 0, 0
}

func (s *cacheServer) counts() (gets, hits, puts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets, s.hits, s.puts
}

// A cacheProgram is what the go command talks to in place of its cache, by
// GOCACHEPROG. The go command reads objects as files, so that they lie in dir too.
type cacheProgram struct{ url, dir string }

type cacheRequest struct {
	ID                 int64
	Command            string
	ActionID, OutputID []byte
	BodySize           int64
}

type cacheResponse struct {
	ID            int64
	Err           string   `json:",omitempty"`
	KnownCommands []string `json:",omitempty"`
	Miss          bool     `json:",omitempty"`
	OutputID      []byte   `json:",omitempty"`
	Size          int64    `json:",omitempty"`
	DiskPath      string   `json:",omitempty"`
}

// cacheMain is the program: cacheprog URL DIR.
func cacheMain() {
	p := cacheProgram{url: os.Args[1], dir: os.Args[2]}
	err := os.MkdirAll(p.dir, 0o777)
	if err == nil {
		err = p.serve(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func (p cacheProgram) serve(r io.Reader, w io.Writer) error {
	in, out := json.NewDecoder(bufio.NewReader(r)), json.NewEncoder(w)
	if err := out.Encode(cacheResponse{KnownCommands: []string{"get", "put", "close"}}); err != nil {
		return err
	}
	for {
		var req cacheRequest
		if err := in.Decode(&req); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var body []byte
		if req.Command == "put" && req.BodySize > 0 {
			if err := in.Decode(&body); err != nil {
				return err
			}
		}
		res, err := p.answer(req, body)
		if err != nil {
			res.Err = err.Error()
		}
		res.ID = req.ID
		if err := out.Encode(res); err != nil || req.Command == "close" {
			return err
		}
	}
}

func (p cacheProgram) answer(req cacheRequest, body []byte) (res cacheResponse, err error) {
	switch req.Command {
	case "get":
		return p.get(req)
	case "put":
		if err := p.put(req, body); err != nil {
			return res, err
		}
		return p.keep(req.OutputID, body)
	}
	return res, nil
}

func (p cacheProgram) get(req cacheRequest) (res cacheResponse, err error) {
	answer, err := http.Get(p.url + "/" + hex.EncodeToString(req.ActionID))
	if err != nil {
		return res, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return cacheResponse{Miss: true}, nil
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return res, err
	}
	output, err := hex.DecodeString(answer.Header.Get(outputHeader))
	if err != nil {
		return res, err
	}
	return p.keep(output, body)
}

func (p cacheProgram) put(req cacheRequest, body []byte) error {
	put, err := http.NewRequest(http.MethodPut, p.url+"/"+hex.EncodeToString(req.ActionID), bytes.NewReader(body))
	if err != nil {
		return err
	}
	put.Header.Set(outputHeader, hex.EncodeToString(req.OutputID))
	answer, err := http.DefaultClient.Do(put)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// keep writes an object where the go command can read it.
func (p cacheProgram) keep(output, body []byte) (cacheResponse, error) {
	file := filepath.Join(p.dir, hex.EncodeToString(output))
	err := os.WriteFile(file, body, 0o666)
	return cacheResponse{OutputID: output, Size: int64(len(body)), DiskPath: file}, err
}
