module github.com/lockfix/lockfix

go 1.26.0

require (
	github.com/aymanbagabas/go-udiff v0.4.1
	golang.org/x/tools v0.52.0
)
