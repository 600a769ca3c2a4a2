// Command octroi is the program: the only package that knows every other one. It reads the configuration, makes the
// clock, the randomness, the logger and the connections, and wires the gateway in one straight line.
//
// Here live the commands, the configuration file, the demo and the operations listener; nothing here decides about an
// order or moves money. Read start.go first (the wiring), then program.go (what was started and how it ends), serve.go
// and demo.go (where a Config comes from), and commands.go.
package main

import (
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	redis.SetLogger(silent{})
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
