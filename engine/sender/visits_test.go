package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// told is what visits say: each event as it is written.
func told(t *testing.T) (*visits, func() event) {
	t.Helper()
	from, to := io.Pipe()
	t.Cleanup(func() { _ = from.Close() })
	events := make(chan event)
	go func() {
		lines := json.NewDecoder(bufio.NewReader(from))
		for {
			var e event
			if lines.Decode(&e) != nil {
				return
			}
			events <- e
		}
	}()
	return newVisits(newNews(to)), func() event {
		t.Helper()
		select {
		case e := <-events:
			return e
		case <-time.After(5 * time.Second):
			t.Fatal("nothing was told")
			return event{}
		}
	}
}

func TestOnlyWhatIsAskedIsAnswered(t *testing.T) {
	vs, next := told(t)
	vs.obey(command{Do: "stop", Visit: "gone"})
	vs.obey(command{Do: "where", Visit: "gone", Ask: 3})
	if e := next(); e.Ask != 3 || e.Error == "" {
		t.Errorf("told %+v", e)
	}
	vs.obey(command{Do: "ping", Ask: 4})
	if e := next(); e.Ask != 4 || e.Error != "" {
		t.Errorf("told %+v", e)
	}
}

func TestAClipIsPlayedByItsNameAndForgotten(t *testing.T) {
	vs, next := told(t)
	v := newVisit("1", vs.news)
	vs.all["1"] = v
	vs.obey(command{Do: "keep", Clip: "beep", Packets: clip("abc")})
	vs.obey(command{Do: "play", Visit: "1", Clip: "beep", Item: 5})
	vs.obey(command{Do: "forget", Clip: "beep"})
	if sent, _ := heard(&v.sounding, 2); sent != "ab" {
		t.Errorf("sent %q", sent)
	}
	vs.obey(command{Do: "where", Visit: "1", Ask: 1})
	if e := next(); e.At != 2 {
		t.Errorf("told %+v", e)
	}
	vs.obey(command{Do: "play", Visit: "1", Clip: "beep", Item: 6})
	if e := next(); e.Event != "played" || e.Item != 5 || e.At != 2 {
		t.Errorf("what plays is replaced: told %+v", e)
	}
	if e := next(); e.Event != "played" || e.Item != 6 || e.At != 0 {
		t.Errorf("what is not there has ended: told %+v", e)
	}
}

func TestWhatPlaysEndsBeforeTheVisitDoesAndNothingComesAfterIt(t *testing.T) {
	vs, next := told(t)
	v := newVisit("1", vs.news)
	v.play(1, clip("abc"), true)
	heard(&v.sounding, 2)
	v.breaks()
	v.breaks()
	v.mends()
	v.gone("broke")
	v.gone("")
	v.answer(9, nil)
	if e := next(); e.Event != "played" || e.At != 2 {
		t.Errorf("told %+v", e)
	}
	if e := next(); e.Event != "gone" || e.Error != "broke" {
		t.Errorf("told %+v", e)
	}
	if e := next(); e.Ask != 9 {
		t.Errorf("told %+v", e)
	}
}

func TestWhoDoesNotReadStopsNobodyAndMissesOnlyWhatCallersMake(t *testing.T) {
	for _, made := range []string{"sound", "key"} {
		_, stuck := io.Pipe()
		n := newNews(stuck)
		n.tell(event{Event: "ready"}) // the writer hangs in this one
		for range 3 * mostRemote {
			n.tell(event{Event: made, Visit: "loud"})
		}
		n.tell(event{Event: made, Visit: "another"})
		n.tell(event{Event: "gone", Visit: "loud"})
		n.mu.Lock()
		defer n.mu.Unlock()
		last := n.waiting[max(0, len(n.waiting)-2):]
		if len(n.waiting) > mostRemote+3 || last[0].Visit != "another" || last[1].Event != "gone" {
			t.Errorf("%s: %d events wait, the last are %+v", made, len(n.waiting), last)
		}
	}
}

func TestNobodySendsMorePacketsThanAnybodySpeaks(t *testing.T) {
	v := newVisit("1", newNews(io.Discard))
	if v.wanted("caller") {
		t.Error("nobody listens")
	}
	v.hears["caller"], v.hears["other"] = true, true
	passed := 0
	for range 3 * packetsAtOnce {
		if v.wanted("caller") {
			passed++
		}
	}
	if passed < packetsAtOnce || passed > packetsAtOnce+packetsPerSecond {
		t.Errorf("%d packets passed", passed)
	}
	if !v.wanted("other") {
		t.Error("another is not heard")
	}
}

func TestARefusedJoinDoesNotTellTheToken(t *testing.T) {
	const token = "header.room-of-a-number.signature"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "invalid token: "+token+", error: no such key", http.StatusUnauthorized)
	}))
	defer server.Close()
	vs, next := told(t)
	vs.obey(command{Do: "join", Visit: "1", Ask: 1, URL: strings.Replace(server.URL, "http", "ws", 1), Token: token})
	if e := next(); e.Ask != 1 || e.Error == "" || strings.Contains(e.Error, "number") {
		t.Errorf("told %+v", e)
	}
}
