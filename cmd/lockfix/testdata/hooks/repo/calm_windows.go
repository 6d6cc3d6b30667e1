package repo

func elsewhere() int { return 2 }
