package facts

import "fmt"

// A Judgement is what a reader of both diffs says of an offered edit.
type Judgement struct {
	Verdict string // "yes": does what the human did, or better; or "no"
	Reason  string
}

// Judgements reads the verdicts on edits, by the fix's id. Without a file there
// are none.
func Judgements(name string) (map[string]Judgement, error) {
	out := make(map[string]Judgement)
	if name == "" {
		return out, nil
	}
	t, err := Read(name, "id", "verdict", "reason")
	if err != nil {
		return nil, err
	}
	for _, r := range t.Rows {
		if v := r["verdict"]; v != "yes" && v != "no" {
			return nil, fmt.Errorf("read %s, row %s: verdict %q is neither yes nor no", name, r["id"], v)
		}
		if _, twice := out[r["id"]]; twice {
			return nil, fmt.Errorf("read %s: %s is judged twice", name, r["id"])
		}
		out[r["id"]] = Judgement{Verdict: r["verdict"], Reason: r["reason"]}
	}
	return out, nil
}

// A Verdict is what a reader of the code says of a finding.
type Verdict struct {
	Repo, Commit, File, Line, Rule string
	Level                          string // empty if the table does not tell
	Verdict                        string // "true", "debatable" or "false"
	Reason                         string
}

// Verdicts reads the verdicts on findings. Rows that nobody has judged yet,
// with an empty verdict, are left out and counted.
func Verdicts(name string) (judged []Verdict, open int, err error) {
	t, err := Read(name, "repository", "commit", "file", "line", "rule", "verdict", "reason")
	if err != nil {
		return nil, 0, err
	}
	for _, r := range t.Rows {
		switch v := r["verdict"]; v {
		case "true", "debatable", "false":
		case "":
			open++
			continue
		default:
			return nil, 0, fmt.Errorf("read %s, %s:%s: verdict %q is not true, debatable or false", name, r["file"], r["line"], v)
		}
		judged = append(judged, Verdict{
			Repo: r["repository"], Commit: r["commit"], File: r["file"], Line: r["line"], Rule: r["rule"],
			Level: r["level"], Verdict: r["verdict"], Reason: r["reason"],
		})
	}
	return judged, open, nil
}
