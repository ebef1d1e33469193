package main

import (
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	packetTime = 20 * time.Millisecond
	// A machine that was stopped for longer than this goes on from now, instead of sending what it missed.
	latestTime = 200 * time.Millisecond
	goodbye    = time.Second
)

// visits are all rooms of this process, and the clips that are played in them.
type visits struct {
	news  *news
	mu    sync.Mutex
	some  *sync.Cond
	all   map[string]*visit
	clips map[string][][]byte
}

func newVisits(n *news) *visits {
	vs := &visits{news: n, all: map[string]*visit{}, clips: map[string][][]byte{}}
	vs.some = sync.NewCond(&vs.mu)
	return vs
}

// beat gives every visit the time, each 20 ms and while there are any.
func (vs *visits) beat() {
	next := time.Now()
	for {
		vs.mu.Lock()
		for len(vs.all) == 0 {
			vs.some.Wait()
			next = time.Now()
		}
		for _, v := range vs.all {
			v.tick()
		}
		vs.mu.Unlock()
		next = next.Add(packetTime)
		if late := time.Since(next); late > latestTime {
			next = time.Now()
		}
		time.Sleep(time.Until(next))
	}
}

// obey carries a command out, or begins to.
func (vs *visits) obey(told command) {
	if told.Do == "ping" {
		vs.news.tell(event{Event: "answer", Ask: told.Ask})
		return
	}
	vs.mu.Lock()
	v := vs.all[told.Visit]
	switch told.Do {
	case "keep":
		vs.clips[told.Clip] = told.Packets
	case "forget":
		delete(vs.clips, told.Clip)
	case "join":
		if v == nil {
			v = newVisit(told.Visit, vs.news)
			vs.all[told.Visit] = v
			vs.some.Signal()
		}
	case "leave":
		delete(vs.all, told.Visit)
	}
	packets := told.Packets
	if told.Clip != "" {
		packets = vs.clips[told.Clip]
	}
	vs.mu.Unlock()
	if v == nil {
		if told.Ask != 0 {
			vs.news.tell(event{Event: "answer", Visit: told.Visit, Ask: told.Ask, Error: "there is no such visit"})
		}
		return
	}
	switch told.Do {
	case "join":
		go v.join(told.Ask, told.URL, told.Token)
	case "publish":
		go v.publish(told.Ask, told.Name)
	case "play":
		v.play(told.Item, packets, told.Again)
	case "stop":
		v.stop()
	case "where":
		v.where(told.Ask)
	case "hear":
		v.hear(told.Identity, told.Wanted)
	case "call":
		go v.call(told)
	case "leave":
		go func() {
			v.leave()
			v.answer(told.Ask, nil)
		}()
	default:
		vs.news.tell(event{Event: "answer", Visit: told.Visit, Ask: told.Ask, Error: "unknown command: " + told.Do})
	}
}

// leaveAll says goodbye in every room, for a second at most.
func (vs *visits) leaveAll() {
	vs.mu.Lock()
	all := slices.Collect(maps.Values(vs.all))
	vs.mu.Unlock()
	var leaving sync.WaitGroup
	for _, v := range all {
		leaving.Go(v.leave)
	}
	gone := make(chan struct{})
	go func() {
		leaving.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(goodbye):
	}
}
