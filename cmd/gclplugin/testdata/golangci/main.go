// Golangci-lint with lockfix in it, as golangci-lint custom writes it.
package main

import (
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/lockfix/lockfix/cmd/gclplugin"
)

func main() {
	if commands.Execute(commands.BuildInfo{Version: os.Getenv("LOCKFIX_GOLANGCI")}) != nil { // and printed
		os.Exit(exitcodes.Failure)
	}
}
