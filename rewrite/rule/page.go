package rule

import "strings"

// Page strips the text of a rule's doc.go down to its package comment: the page
// that `lockfix explain` prints.
func Page(docGo string) string {
	var b strings.Builder
	b.Grow(len(docGo)) // every start of the program comes by here, for each rule
	for line := range strings.Lines(docGo) {
		text, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		b.WriteString(strings.TrimPrefix(text, " "))
	}
	return b.String()
}
