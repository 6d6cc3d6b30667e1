package repair

import (
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// arrange finds the files that belong together, and their order. Where there is
// none the last of the fixes that tie them is barred: it reports whether all is
// well.
func (r *repairer) arrange(before *source.Package) bool {
	for _, set := range together(r.out.Fixed) {
		list, ok := r.inOrder(before, set)
		if !ok {
			r.untie(set)
			return false
		}
		r.out.Together = append(r.out.Together, list)
	}
	return true
}

// together lists the sets of files that fixes of more than one file tie, sorted.
func together(fixed []*rule.Finding) [][]string {
	var sets [][]string
	for _, f := range fixed {
		if len(f.Fix.Changes) < 2 {
			continue
		}
		var set []string
		for _, c := range f.Fix.Changes {
			set = append(set, c.File)
		}
		sets = slices.DeleteFunc(sets, func(other []string) bool {
			if !slices.ContainsFunc(other, func(name string) bool { return slices.Contains(set, name) }) {
				return false
			}
			set = append(set, other...)
			return true
		})
		slices.Sort(set)
		sets = append(sets, slices.Compact(set))
	}
	return sets
}

// inOrder returns files in an order in which the package type-checks after each
// of them is replaced: where a run ends between two of them the program builds.
func (r *repairer) inOrder(before *source.Package, set []string) (list []string, ok bool) {
	texts := make(map[string][]byte)
	for _, name := range set {
		texts[name] = fileOf(r.out.Package.Src, name).Content
	}
	return Order(before, texts)
}

// Order finds an order in which files can be replaced one after the other so that
// the package type-checks after each.
func Order(before *source.Package, texts map[string][]byte) (list []string, ok bool) {
	contents := make(map[string][]byte)
	rest := slices.Sorted(maps.Keys(texts))
	for len(rest) > 0 {
		i := slices.IndexFunc(rest, func(name string) bool {
			contents[name] = texts[name]
			if len(before.With(contents).Errors) == 0 {
				return true
			}
			delete(contents, name)
			return false
		})
		if i < 0 {
			return nil, false
		}
		list = append(list, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return list, true
}

// NoOrder says why a fix is not written of whose files there is no [Order].
const NoOrder = "its files cannot be replaced one after the other so that the package builds in between: -d shows the fix"

// untie bars the last fix that ties files of a set.
func (r *repairer) untie(set []string) {
	for _, f := range slices.Backward(r.out.Fixed) {
		if len(f.Fix.Changes) > 1 && slices.Contains(set, f.Fix.Changes[0].File) {
			last := f.Fix
			for _, f := range r.out.Fixed {
				if f.Fix == last {
					r.barred[Identity(f)] = NoOrder
				}
			}
			return
		}
	}
}
