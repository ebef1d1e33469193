package main

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"golang.org/x/time/rate"
)

var opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}

// A visit is one room that an attendant is in.
type visit struct {
	id     string
	news   *news
	room   *lksdk.Room
	ctx    context.Context
	cancel context.CancelFunc
	begin  sync.Once // joining
	bound  sync.Once // sending
	ticks  chan struct{}

	mu       sync.Mutex // also keeps events in their order
	sounding sounding
	hears    map[string]bool
	paces    map[string]*rate.Limiter // of those who are heard
	broken   *time.Timer
	away     map[string]guest // gone from sight since it broke
}

// Nobody sends more packets than this: those of 10 ms, after a pause of the network five seconds at once. What they claim
// to last is the listener's business.
const (
	packetsPerSecond = 100
	packetsAtOnce    = 500
)

// A connection that broke is given so long to come back; whoever waits in silence gets another attendant then.
const (
	brokenTime = 3 * time.Second
	sightTime  = 500 * time.Millisecond // for those who are still there to be seen again
)

func newVisit(id string, n *news) *visit {
	ctx, cancel := context.WithCancel(context.Background())
	v := &visit{
		id: id, news: n, ctx: ctx, cancel: cancel,
		ticks: make(chan struct{}, int(latestTime/packetTime)), hears: map[string]bool{},
		paces: map[string]*rate.Limiter{}, away: map[string]guest{},
	}
	v.room = lksdk.NewRoom(&lksdk.RoomCallback{
		OnDisconnected:            func() { v.gone("") },
		OnReconnecting:            v.breaks,
		OnReconnected:             v.mends,
		OnParticipantConnected:    v.came,
		OnParticipantDisconnected: v.left,
		ParticipantCallback: lksdk.ParticipantCallback{
			// These two are called with the room's lock held, which is asked for again here.
			OnAttributesChanged: func(_ map[string]string, p lksdk.Participant) {
				if rp, remote := p.(*lksdk.RemoteParticipant); remote {
					go v.came(rp)
				}
			},
			OnTrackPublished: func(publication *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
				go v.published(publication, rp)
			},
			OnTrackSubscribed: v.listen,
			OnDataPacket: func(data lksdk.DataPacket, from lksdk.DataReceiveParams) {
				if key, pressed := data.(*livekit.SipDTMF); pressed && len(key.Digit) == 1 {
					v.tell(event{Event: "key", Identity: from.SenderIdentity, Digit: key.Digit})
				}
			},
		},
	})
	return v
}

func (v *visit) join(ask int, address, token string) {
	err := errors.New("joined before")
	v.begin.Do(func() {
		err = v.room.JoinWithContextAndToken(v.ctx, address, token, lksdk.WithAutoSubscribe(false))
	})
	if err != nil {
		v.answer(ask, errors.New(strings.ReplaceAll(err.Error(), token, "…"))) // it names the caller, and may still open the room
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	guests := []guest{}
	for _, rp := range v.room.GetRemoteParticipants() {
		guests = append(guests, guestOf(rp))
	}
	v.news.tell(event{Event: "answer", Visit: v.id, Ask: ask, Guests: guests})
}

// publish offers the track, on which silence is sent until something is played.
func (v *visit) publish(ask int, name string) {
	track, err := lksdk.NewLocalTrack(opus)
	if err != nil {
		v.answer(ask, err)
		return
	}
	track.OnBind(func() {
		v.bound.Do(func() { go v.send(track) })
	})
	options := &lksdk.TrackPublicationOptions{Name: name, Source: livekit.TrackSource_MICROPHONE, DisableDTX: true}
	_, err = v.room.LocalParticipant.PublishTrack(track, options)
	v.answer(ask, err)
}

// tick says that another 20 ms have passed. Whoever is still busy with the last ones misses it, alone.
func (v *visit) tick() {
	select {
	case v.ticks <- struct{}{}:
	default:
	}
}

func (v *visit) send(track *lksdk.LocalTrack) {
	var stood bool
	var silent time.Duration // since the connection that stood does not
	for {
		select {
		case <-v.ctx.Done():
			return
		case <-v.ticks:
		}
		if !track.IsBound() || !v.connected() { // what plays waits, or its beginning would be heard by nobody
			if silent += packetTime; stood && silent >= brokenTime {
				v.gone("its connection to the room broke")
			}
			continue
		}
		stood, silent = true, 0
		v.mu.Lock()
		packet, ended, some := v.sounding.next()
		if some {
			v.tell(ended)
		}
		v.mu.Unlock()
		_ = track.WriteSample(media.Sample{Data: packet, Duration: packetTime}, nil)
	}
}

func (v *visit) connected() bool {
	publisher := v.room.LocalParticipant.GetPublisherPeerConnection()
	return publisher != nil && publisher.ConnectionState() == webrtc.PeerConnectionStateConnected
}

func (v *visit) play(item int, packets [][]byte, again bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ended, some := v.sounding.play(item, packets, again); some {
		v.tell(ended)
	}
	if len(packets) == 0 {
		v.tell(event{Event: "played", Item: item})
	}
}

func (v *visit) stop() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ended, some := v.sounding.stop(); some {
		v.tell(ended)
	}
}

func (v *visit) where(ask int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tell(event{Event: "answer", Ask: ask, At: v.sounding.at})
}

func (v *visit) hear(identity string, wanted bool) {
	v.mu.Lock()
	v.hears[identity] = wanted
	v.mu.Unlock()
	rp := v.room.GetParticipantByIdentity(identity)
	if rp == nil {
		return
	}
	for _, publication := range rp.TrackPublications() {
		if remote, ok := publication.(*lksdk.RemoteTrackPublication); ok && remote.Kind() == lksdk.TrackKindAudio {
			_ = remote.SetSubscribed(wanted)
		}
	}
}

// listen passes on what a guest says, packet by packet, until the track ends.
func (v *visit) listen(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
	if !strings.EqualFold(track.Codec().MimeType, webrtc.MimeTypeOpus) {
		return
	}
	identity := rp.Identity()
	v.tell(event{Event: "hears", Identity: identity})
	go func() {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			if len(packet.Payload) > 0 && v.wanted(identity) {
				v.tell(event{Event: "sound", Identity: identity, Packet: packet.Payload, Time: packet.Timestamp})
			}
		}
	}()
}

// wanted says whether a packet that came from a guest now is passed on.
func (v *visit) wanted(identity string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.hears[identity] {
		return false
	}
	pace := v.paces[identity]
	if pace == nil {
		pace = rate.NewLimiter(packetsPerSecond, packetsAtOnce)
		v.paces[identity] = pace
	}
	return pace.Allow()
}

func (v *visit) call(told command) {
	timeout := time.Duration(told.Seconds * float64(time.Second))
	_, err := v.room.LocalParticipant.PerformRpc(lksdk.PerformRpcParams{
		DestinationIdentity: told.Identity, Method: told.Method, Payload: told.Payload, ResponseTimeout: &timeout,
	})
	v.answer(told.Ask, err)
}

// leave ends the visit, whatever it is doing, and returns once the server has been told.
func (v *visit) leave() {
	v.cancel()
	v.begin.Do(func() {}) // a join that is under way is waited for, one that comes later is none
	v.room.Disconnect()
}

func (v *visit) came(rp *lksdk.RemoteParticipant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.room.GetParticipantByIdentity(rp.Identity()) == rp {
		about := guestOf(rp)
		delete(v.away, about.Identity)
		v.tell(event{Event: "came", Guest: &about})
	}
}

func (v *visit) published(publication *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
	v.came(rp)
	v.mu.Lock()
	wanted := v.hears[rp.Identity()]
	v.mu.Unlock()
	if wanted && publication.Kind() == lksdk.TrackKindAudio {
		_ = publication.SetSubscribed(true)
	}
}

func (v *visit) left(rp *lksdk.RemoteParticipant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	about := guestOf(rp)
	if v.broken != nil && rp.DisconnectReason() == livekit.DisconnectReason_UNKNOWN_REASON {
		v.away[about.Identity] = about // the SDK takes everybody for gone before it looks who is there
		return
	}
	v.tell(event{Event: "left", Guest: &about})
}

func (v *visit) breaks() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken == nil {
		v.broken = time.AfterFunc(brokenTime, func() { v.gone("its connection to the room broke") })
	}
}

func (v *visit) mends() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken != nil {
		v.broken.Stop()
		v.broken = nil
		time.AfterFunc(sightTime, v.looksAround)
	}
}

// looksAround: whoever is not there any more left unseen, and whoever is listened to is listened to again.
func (v *visit) looksAround() {
	v.mu.Lock()
	for _, about := range v.away {
		v.tell(event{Event: "left", Guest: &about})
	}
	clear(v.away)
	hears := maps.Clone(v.hears)
	v.mu.Unlock()
	for identity, wanted := range hears {
		if wanted {
			v.hear(identity, true)
		}
	}
}

// gone: the media server has ended the visit, or cannot be reached any more, which is a failure.
func (v *visit) gone(failure string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ctx.Err() != nil {
		return
	}
	v.cancel()
	if ended, some := v.sounding.stop(); some {
		v.tell(ended)
	}
	v.tell(event{Event: "gone", Error: failure})
}

func (v *visit) tell(e event) {
	e.Visit = v.id
	v.news.tell(e)
}

func (v *visit) answer(ask int, err error) {
	answer := event{Event: "answer", Ask: ask}
	if err != nil {
		answer.Error = err.Error()
	}
	v.tell(answer)
}

func guestOf(rp *lksdk.RemoteParticipant) guest {
	attributes := rp.Attributes()
	if attributes == nil {
		attributes = map[string]string{}
	}
	return guest{
		Identity: rp.Identity(), Kind: int(rp.Kind()), Attributes: attributes,
		Tracks: len(rp.TrackPublications()), Reason: int(rp.DisconnectReason()),
	}
}
