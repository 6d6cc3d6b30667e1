package config

import (
	_ "embed"
	"strings"

	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var docGo string

// Page is the part of the package's documentation that is for users.
func Page() string {
	text, _, _ := strings.Cut(rule.Page(docGo), "# Decisions")
	_, text, _ = strings.Cut(text, "# The file")
	return "# The file" + strings.TrimRight(text, "\n") + "\n"
}
