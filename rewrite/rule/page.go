package rule

import "strings"

// Page strips the text of a rule's doc.go down to its package comment: the page
// that `lockfix explain` prints.
func Page(docGo string) string {
	var b strings.Builder
	for line := range strings.Lines(docGo) {
		text, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		b.WriteString(strings.TrimPrefix(text, " "))
	}
	return b.String()
}
