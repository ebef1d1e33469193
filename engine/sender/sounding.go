package main

// silence is 20 ms of it: one frame of Opus, full band, mono (RFC 6716, 3.1).
var silence = []byte{0xf8, 0xff, 0xfe}

// Sounding is what one visit plays. It is not safe for use by several at once.
type sounding struct {
	item    int
	packets [][]byte
	at      int
	sent    int
	again   bool
}

// play begins with another item and says how the one before ended.
func (s *sounding) play(item int, packets [][]byte, again bool) (ended event, some bool) {
	ended, some = s.stop()
	if len(packets) > 0 {
		*s = sounding{item: item, packets: packets, again: again}
	}
	return ended, some
}

// stop ends what plays.
func (s *sounding) stop() (ended event, some bool) {
	if s.packets == nil {
		return event{}, false
	}
	ended = event{Event: "played", Item: s.item, At: s.sent}
	*s = sounding{}
	return ended, true
}

// next is the packet for the next 20 ms; with the last of an item comes word of its end.
func (s *sounding) next() (packet []byte, ended event, some bool) {
	if s.packets == nil {
		return silence, event{}, false
	}
	packet = s.packets[s.at]
	s.at++
	s.sent++
	if s.at < len(s.packets) {
		return packet, event{}, false
	}
	if s.again {
		s.at = 0
		return packet, event{}, false
	}
	ended, some = s.stop()
	return packet, ended, some
}
