package main

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
)

// A command is one line of input. Ask is the number that its answer bears; a command without one has no answer.
type command struct {
	Do       string   `json:"do"`
	Ask      int      `json:"ask"`
	Visit    string   `json:"visit"`
	URL      string   `json:"url"`      // join
	Token    string   `json:"token"`    // join
	Name     string   `json:"name"`     // publish
	Clip     string   `json:"clip"`     // keep, forget, play: a clip's name
	Packets  [][]byte `json:"packets"`  // keep, play: Opus, 20 ms each
	Item     int      `json:"item"`     // play: what its end is told with
	Again    bool     `json:"again"`    // play: round and round
	Identity string   `json:"identity"` // hear, call
	Wanted   bool     `json:"wanted"`   // hear
	Method   string   `json:"method"`   // call
	Payload  string   `json:"payload"`  // call
	Seconds  float64  `json:"seconds"`  // call
}

// An event is one line of output.
type event struct {
	Event    string  `json:"event"`
	Visit    string  `json:"visit,omitempty"`
	Ask      int     `json:"ask,omitempty"`
	Error    string  `json:"error,omitempty"`  // answer, gone
	Guests   []guest `json:"guests,omitempty"` // answer to join
	Guest    *guest  `json:"guest,omitempty"`  // came, left
	Item     int     `json:"item,omitempty"`   // played
	At       int     `json:"at"`               // answer to where: the next packet; played: how many were sent
	Identity string  `json:"identity,omitempty"`
	Digit    string  `json:"digit,omitempty"`
	Packet   []byte  `json:"packet,omitempty"` // sound: Opus
	Time     uint32  `json:"time,omitempty"`   // sound: its RTP timestamp, 48000 a second
}

// A guest is somebody else in the room. Numbers are livekit.ParticipantInfo_Kind and livekit.DisconnectReason.
type guest struct {
	Identity   string            `json:"identity"`
	Kind       int               `json:"kind"`
	Attributes map[string]string `json:"attributes"`
	Tracks     int               `json:"tracks"`
	Reason     int               `json:"reason"`
}

// mostRemote is how many events that callers make as they like, sound and keys, may wait of each visit before more are
// dropped: ten seconds of sound. Whoever is behind by more is stopped or broken, or is sent more than anybody says.
const mostRemote = 500

// news writes events without ever making anybody wait: a parent that is stopped must not stop its callers' music.
type news struct {
	mu      sync.Mutex
	some    *sync.Cond
	waiting []event
	remote  map[string]int // of each visit, those of `waiting` that its callers made
}

func newNews(to io.Writer) *news {
	n := &news{remote: map[string]int{}}
	n.some = sync.NewCond(&n.mu)
	go n.write(to)
	return n
}

func (n *news) tell(e event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e.Event == "sound" || e.Event == "key" {
		if n.remote[e.Visit] >= mostRemote {
			return
		}
		n.remote[e.Visit]++
	}
	n.waiting = append(n.waiting, e)
	n.some.Signal()
}

func (n *news) write(to io.Writer) {
	buffer := bufio.NewWriter(to)
	lines := json.NewEncoder(buffer)
	for {
		n.mu.Lock()
		for len(n.waiting) == 0 {
			n.some.Wait()
		}
		batch := n.waiting
		n.waiting = nil
		clear(n.remote)
		n.mu.Unlock()
		for _, e := range batch {
			if lines.Encode(e) != nil {
				return
			}
		}
		if buffer.Flush() != nil {
			return
		}
	}
}
