package protocol

import (
	"net/url"
	"path/filepath"
	"strings"
)

// FileOf returns the absolute name of the file that a URI is of; "" of any other
// URI: documents that are not saved yet, or of version control.
func FileOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	path := u.Path
	if isDrive(path) {
		path = strings.ToUpper(path[1:2]) + path[2:]
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// isDrive reports whether a path begins as "/c:" does.
func isDrive(path string) bool {
	return len(path) >= 3 && path[0] == '/' && path[2] == ':' &&
		('a' <= path[1] && path[1] <= 'z' || 'A' <= path[1] && path[1] <= 'Z')
}

// URIOf returns the URI of a file.
func URIOf(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
