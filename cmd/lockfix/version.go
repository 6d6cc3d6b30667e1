package main

import (
	"runtime/debug"
	"strings"

	"golang.org/x/mod/semver"
)

// semanticVersion is the version for formats that ask for a number.
func semanticVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || !semver.IsValid(info.Main.Version) {
		return "0.0.0-devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// version says what was built: the module's version or (devel), the Go version,
// and for a build in a checkout the revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	about := []string{info.GoVersion}
	if rev := settings["vcs.revision"]; rev != "" {
		if settings["vcs.modified"] == "true" {
			rev += ", modified"
		}
		about = append(about, rev)
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	return v + " (" + strings.Join(about, ", ") + ")"
}
