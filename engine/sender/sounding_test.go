package main

import (
	"bytes"
	"testing"
)

func clip(names string) [][]byte {
	var packets [][]byte
	for _, name := range names {
		packets = append(packets, []byte(string(name)))
	}
	return packets
}

func heard(s *sounding, count int) (sent string, ends []event) {
	for range count {
		packet, ended, some := s.next()
		if bytes.Equal(packet, silence) {
			sent += "."
		} else {
			sent += string(packet)
		}
		if some {
			ends = append(ends, ended)
		}
	}
	return sent, ends
}

func TestASentenceIsSentOnceAndItsEndTold(t *testing.T) {
	var s sounding
	s.play(7, clip("abc"), false)
	sent, ends := heard(&s, 5)
	if sent != "abc.." {
		t.Errorf("sent %q", sent)
	}
	if len(ends) != 1 || ends[0].Item != 7 || ends[0].At != 3 {
		t.Errorf("told %+v", ends)
	}
}

func TestMusicGoesRound(t *testing.T) {
	var s sounding
	s.play(1, clip("abc"), true)
	sent, ends := heard(&s, 5)
	if sent != "abcab" || len(ends) != 0 {
		t.Errorf("sent %q, told %+v", sent, ends)
	}
}

func TestWhatIsReplacedOrStoppedIsToldAsFarAsItWasSent(t *testing.T) {
	var s sounding
	s.play(1, clip("abc"), true)
	heard(&s, 4)
	if ended, some := s.play(2, clip("xyz"), false); !some || ended.Item != 1 || ended.At != 4 {
		t.Errorf("told %+v", ended)
	}
	heard(&s, 1)
	if ended, some := s.stop(); !some || ended.Item != 2 || ended.At != 1 {
		t.Errorf("told %+v", ended)
	}
	if _, some := s.stop(); some {
		t.Error("what has ended ended again")
	}
	if sent, _ := heard(&s, 2); sent != ".." {
		t.Errorf("sent %q", sent)
	}
}

func TestAnEmptyClipIsSilence(t *testing.T) {
	var s sounding
	s.play(1, nil, true)
	if sent, _ := heard(&s, 2); sent != ".." {
		t.Errorf("sent %q", sent)
	}
}
