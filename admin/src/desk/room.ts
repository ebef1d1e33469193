import type { LocalAudioTrack, LocalTrack, Room } from 'livekit-client';
import type { Connection } from '../api/shapes';
import { chosenDevice } from './devices';
import type { Media, MediaEvents } from './deskCall';
import { Meter } from './meter';
import type { Step } from './modes';

type LiveKit = typeof import('livekit-client');

/** LiveKit's SDK is large, and loaded when the first call is near. */
export const loadLiveKit = (): Promise<LiveKit> => import('livekit-client');

/** So every agent's identity in a room begins (callcenter/journey/took_part.py). */
const AGENT = 'agent-';
const PERMISSION_MS = 3_000;

/** The SDK's own types disagree under `exactOptionalPropertyTypes`. */
const asTrack = (track: LocalAudioTrack) => track as unknown as LocalTrack;

/** A call's room over WebRTC. Who may hear the microphone is said before it is published (experiments, E5). */
export class CallRoom implements Media {
  private room: Room | null = null;
  private opening: Promise<LocalAudioTrack> | null = null;
  private microphone: LocalAudioTrack | null = null;
  private agent: string | null = null;
  private closed = false;
  private entered = false;
  /** Only the agent may hear us. */
  private restricted = true;
  /** Silent because of the mode, because the person wants it, because the connection is being mended. */
  private readonly silence = { gate: false, own: false, mending: false };
  private readonly heard = new Map<MediaStreamTrack, Meter>();
  private own: Meter | null = null;

  constructor(private readonly events: MediaEvents) {}

  /** How loud we are, and the loudest of the others: 0 to 1. */
  levels(): { own: number; others: number } {
    const others = [...this.heard.values()].map((meter) => meter.level());
    return { own: this.own?.level() ?? 0, others: Math.max(0, ...others) };
  }

  async openMicrophone(): Promise<void> {
    this.opening ??= this.open();
    try {
      await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  async enter(connection: Connection): Promise<void> {
    const livekit = await loadLiveKit();
    // Its own way of leaving with the page would leave before the person has said whether they stay.
    const room = new livekit.Room({ disconnectOnPageLeave: false });
    this.room = room;
    this.agent = connection.agent_identity;
    this.listen(room, livekit);
    await room.connect(connection.url, connection.token);
    this.entered = true;
    const speaker = chosenDevice('audiooutput');
    if (speaker) await room.switchActiveDevice('audiooutput', speaker).catch(() => false);
    if (this.closed) void room.disconnect();
  }

  async do(step: Exclude<Step, 'ask'>): Promise<void> {
    switch (step) {
      case 'restrict':
      case 'open':
        this.restricted = step === 'restrict';
        this.permit();
        return;
      case 'mute':
      case 'unmute':
        return this.hush({ gate: step === 'mute' });
      case 'publish':
        return this.publish();
      case 'unpublish':
        await this.unpublish();
        return this.hush({ gate: false });
    }
  }

  async setMuted(muted: boolean): Promise<void> {
    await this.hush({ own: muted });
  }

  async unsilence(): Promise<void> {
    await this.room?.startAudio();
  }

  /** Another microphone or loudspeaker, in the middle of the call. */
  async use(kind: 'audioinput' | 'audiooutput', deviceId: string): Promise<void> {
    await this.room?.switchActiveDevice(kind, deviceId || 'default');
    if (kind === 'audioinput' && this.microphone) this.measure(this.microphone);
  }

  close(): void {
    this.closed = true;
    this.microphone?.stop();
    this.own?.close();
    for (const meter of this.heard.values()) meter.close();
    this.heard.clear();
    void this.room?.disconnect();
  }

  // --- the microphone ------------------------------------------------------------------------------------------------

  private async open(): Promise<LocalAudioTrack> {
    const { createLocalAudioTrack } = await loadLiveKit();
    const device = chosenDevice('audioinput');
    const cleaned = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const track = await createLocalAudioTrack(device ? { deviceId: device, ...cleaned } : cleaned);
    if (this.closed) track.stop();
    this.microphone = track;
    this.measure(track);
    await this.hush({});
    return track;
  }

  private measure(track: LocalAudioTrack): void {
    this.own?.close();
    this.own = new Meter(track.mediaStreamTrack);
  }

  private async publish(): Promise<void> {
    await this.openMicrophone();
    const { Track } = await loadLiveKit();
    const room = this.room;
    const microphone = this.microphone;
    if (!room || !microphone || this.closed) return;
    await this.allowedToPublish(room);
    this.permit();
    await room.localParticipant.publishTrack(asTrack(microphone), { source: Track.Source.Microphone });
  }

  private async unpublish(): Promise<void> {
    const microphone = this.microphone;
    this.microphone = null;
    this.opening = null;
    this.own?.close();
    this.own = null;
    if (!microphone) return;
    await this.room?.localParticipant.unpublishTrack(asTrack(microphone), true).catch(() => undefined);
    microphone.stop();
  }

  /** Until the media server has said so: our server answers as soon as it has told it. */
  private async allowedToPublish(room: Room): Promise<void> {
    const { ParticipantEvent } = await loadLiveKit();
    const me = room.localParticipant;
    if (me.permissions?.canPublish) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        me.off(ParticipantEvent.ParticipantPermissionsChanged, look);
        reject(new Error('the media server gave no right to speak'));
      }, PERMISSION_MS);
      const look = () => {
        if (!me.permissions?.canPublish) return;
        clearTimeout(timer);
        me.off(ParticipantEvent.ParticipantPermissionsChanged, look);
        resolve();
      };
      me.on(ParticipantEvent.ParticipantPermissionsChanged, look);
    });
  }

  private async hush(change: Partial<typeof this.silence>): Promise<void> {
    Object.assign(this.silence, change);
    const { microphone } = this;
    if (!microphone) return;
    const silent = Object.values(this.silence).some(Boolean);
    // At once, whatever else the SDK is busy with.
    if (silent) microphone.mediaStreamTrack.enabled = false;
    await (silent ? microphone.mute() : microphone.unmute());
  }

  private permit(): void {
    const room = this.room;
    if (!room) return;
    const present = [...room.remoteParticipants.keys()].filter((identity) => identity.startsWith(AGENT));
    const agents = new Set([...(this.agent ? [this.agent] : []), ...present]);
    room.localParticipant.setTrackSubscriptionPermissions(
      !this.restricted,
      this.restricted
        ? [...agents].map((participantIdentity) => ({ participantIdentity, allowAll: true }))
        : [],
    );
  }

  // --- the room ------------------------------------------------------------------------------------------------------

  private listen(room: Room, { RoomEvent, Track, DisconnectReason }: LiveKit): void {
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind !== Track.Kind.Audio) return;
      track.attach();
      this.heard.set(track.mediaStreamTrack, new Meter(track.mediaStreamTrack));
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      track.detach();
      this.heard.get(track.mediaStreamTrack)?.close();
      this.heard.delete(track.mediaStreamTrack);
    });
    // An agent that takes over from a lost one hears whispers, too.
    room.on(RoomEvent.ParticipantConnected, ({ identity }) => {
      if (this.restricted && identity.startsWith(AGENT)) this.permit();
    });
    // A connection that is made anew publishes anew: nothing is said meanwhile, and the restriction is told again first.
    room.on(RoomEvent.Reconnecting, () => {
      this.events.onMending(true);
      if (this.restricted) void this.hush({ mending: true });
    });
    room.on(RoomEvent.Reconnected, () => {
      this.events.onMending(false);
      this.permit();
      void this.hush({ mending: false });
    });
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => {
      this.events.onSilenced(!room.canPlaybackAudio);
    });
    room.on(RoomEvent.Disconnected, (reason) => {
      // A room that was not even reached is no loss: whoever enters hears of it.
      if (this.closed || !this.entered) return;
      if (reason === DisconnectReason.ROOM_DELETED || reason === DisconnectReason.ROOM_CLOSED) {
        this.events.onGone('over');
      } else if (reason === DisconnectReason.PARTICIPANT_REMOVED) this.events.onGone('removed');
      else if (reason === DisconnectReason.DUPLICATE_IDENTITY) this.events.onGone('otherWindow');
      else this.events.onGone('lost');
    });
  }
}
