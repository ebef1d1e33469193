// Command callcenter-sender holds the connections of one attendant process to LiveKit, a visit for each waiting caller,
// and sends packets that were encoded once (docs/decisions/0024-packets-encoded-once.md).
//
// It reads commands from standard input and writes events to standard output, both as JSON, one object a line
// (protocol.go). It knows no codec, no plan and no caller: what is played when is its parent's business. It ends when
// its input does, however its parent ended, and takes no signal.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/signal"
	"syscall"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

func main() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	lksdk.SetLogger(logger.GetDiscardLogger()) // it names rooms and identities, which carry callers' numbers
	news := newNews(os.Stdout)
	visits := newVisits(news)
	go visits.beat()
	news.tell(event{Event: "ready"})
	commands := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var told command
		if err := commands.Decode(&told); err != nil {
			break
		}
		visits.obey(told)
	}
	visits.leaveAll()
}
