package page

import (
	"embed"
	"html/template"
	"strings"
	"sync"
)

//go:embed *.tmpl style.css filter.js
var files embed.FS

var pages = sync.OnceValue(func() *template.Template {
	own := template.New("").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(text("style.css")) },
		"script": func() template.JS { return template.JS(text("filter.js")) },
	})
	return template.Must(own.ParseFS(files, "*.tmpl"))
})

// text is one of the files that the command brings along.
func text(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

func execute(name string, data any) (string, error) {
	var b strings.Builder
	err := pages().ExecuteTemplate(&b, name, data)
	return b.String(), err
}
