// Command witness is FerretDB with its SQLite backend, listening on a free loopback port. It prints its connection string
// and ends when its standard input does. Argument: the folder for its data.
//
// FerretDB's own command wants version files that its module does not carry, so this embeds it through its package.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[1] + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Run(ctx) }()
	fmt.Println(server.MongoDBURI())
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}
