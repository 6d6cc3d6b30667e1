package report

import (
	"go/doc/comment"
	"strings"
)

// A page is the documentation of a rule, which is written as Go documentation is.
type page struct{ doc *comment.Doc }

func markup(doc string) page { return page{new(comment.Parser).Parse(doc)} }

// first is the first paragraph, which says what the rule reports, or else its
// title.
func (p page) first(title string) string {
	for _, block := range p.doc.Content {
		if para, ok := block.(*comment.Paragraph); ok {
			var printer comment.Printer
			printer.TextWidth = -1
			return strings.TrimSpace(string(printer.Text(&comment.Doc{Content: []comment.Block{para}})))
		}
	}
	return title
}

// text is the page for readers without markup.
func (p page) text(title string) string {
	if len(p.doc.Content) == 0 {
		return sentence(title)
	}
	return string(new(comment.Printer).Text(p.doc))
}

// markdown is the page with headings of a level.
func (p page) markdown(level int) string {
	printer := comment.Printer{HeadingLevel: level, HeadingID: func(*comment.Heading) string { return "" }}
	return string(printer.Markdown(p.doc))
}
