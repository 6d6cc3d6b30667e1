package syncapi

import "strings"

// Describes reports whether the table is the last word on a package: it has an
// entry for each of its functions and each method of its concrete types. What their
// code does is then no news to whoever calls them, by name or as a value, and nobody
// need look at it.
//
// So it is with what the standard library keeps to itself, its internal packages and
// its copies of other modules: whatever is called there is called by functions that
// the table describes. What the standard library looks like from inside is another
// matter: a package at hand knows the code of its own functions always.
func Describes(path string) bool {
	if strings.HasPrefix(path, "vendor/") || strings.HasPrefix(path, "internal/") {
		return true
	}
	if i := strings.Index(path+"/", "/internal/"); i >= 0 && isStdPath(path[:i]) {
		return true
	}
	p := known().find(path)
	return p != nil && p.rest != nil
}

// isStdPath reports whether the tables of the standard library speak of a path.
func isStdPath(path string) bool {
	for _, t := range []table{stdSync, std, stdIO} {
		if t[path] != nil || t[path+"/..."] != nil {
			return true
		}
	}
	return false
}
