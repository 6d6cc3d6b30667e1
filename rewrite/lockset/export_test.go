package lockset

// TheLongWay runs f without shortcuts.
func TheLongWay(f func()) {
	shortcuts = false
	defer func() { shortcuts = true }()
	f()
}
