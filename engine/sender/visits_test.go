package main

import (
	"bufio"
	"encoding/json"
	"io"
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

func TestWhoDoesNotReadStopsNobodyAndMissesSoundOnly(t *testing.T) {
	_, stuck := io.Pipe()
	n := newNews(stuck)
	for range 3 * mostSound {
		n.tell(event{Event: "sound"})
	}
	n.tell(event{Event: "gone"})
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) > mostSound+1 || n.waiting[len(n.waiting)-1].Event != "gone" {
		t.Errorf("%d events wait, the last is %+v", len(n.waiting), n.waiting[len(n.waiting)-1])
	}
}
