package edit

// An Edit replaces the bytes [Start, End) of a text by New.
type Edit struct {
	Start, End int
	New        string
}
