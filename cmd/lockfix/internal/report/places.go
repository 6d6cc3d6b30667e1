package report

import "github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"

// places finds places in files, each of which is read once.
type places struct {
	source func(file string) []byte
	known  map[string]*text.Map
}

// of returns the text of a file, nil if it is not known.
func (p *places) of(file string) *text.Map {
	if m, ok := p.known[file]; ok || p.source == nil {
		return m
	}
	if p.known == nil {
		p.known = make(map[string]*text.Map)
	}
	if content := p.source(file); content != nil {
		p.known[file] = text.NewMap(content)
	} else {
		p.known[file] = nil
	}
	return p.known[file]
}
