package meter

import (
	"bytes"
	"os"
	"strconv"
)

// A tree is the processes of one group, by what /proc says.
type tree struct {
	group  int
	others map[string]bool // processes known to be of other groups
	page   int64
}

func newTree(group int) *tree {
	return &tree{group: group, page: int64(os.Getpagesize())}
}

// resident is the sum of the resident sets now. Processes end while it looks:
// what cannot be read is not there.
func (t *tree) resident() (sum int64) {
	proc, err := os.Open("/proc")
	if err != nil {
		return 0
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return 0
	}
	// A process does not change its group here, so that only new ones are looked
	// at. A number may be given again, but not before a look finds it gone.
	others := make(map[string]bool, len(t.others))
	for _, pid := range names {
		if pid[0] < '0' || pid[0] > '9' {
			continue
		}
		if t.others[pid] {
			others[pid] = true
			continue
		}
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		group, pages, ok := parse(stat)
		switch {
		case !ok:
		case group == t.group:
			sum += pages * t.page
		default:
			others[pid] = true
		}
	}
	t.others = others
	return sum
}

// parse reads the process group and the resident pages from /proc/PID/stat. The
// name of the program, in parentheses, may hold anything.
func parse(stat []byte) (group int, pages int64, ok bool) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, 0, false
	}
	fields := bytes.Fields(stat[end+1:]) // from the third, the state
	if len(fields) < 22 {
		return 0, 0, false
	}
	group, err := strconv.Atoi(string(fields[2]))
	if err != nil {
		return 0, 0, false
	}
	pages, err = strconv.ParseInt(string(fields[21]), 10, 64)
	return group, pages, err == nil
}
