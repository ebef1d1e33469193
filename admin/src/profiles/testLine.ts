import type { LocalAudioTrack, Room } from 'livekit-client';
import { answerOf, api } from '../api/client';
import { Ears } from './ears';

export type Way = { profile: string } | { to: string; from?: string };
export type Phase = 'idle' | 'asking' | 'joining' | 'on' | 'over';
export type Trouble = { kind: 'noMicrophone' | 'noMedia' } | { kind: 'refused'; error: Error };

/** What a page shows of a call that it makes. */
export interface Told {
  phase: Phase;
  callId: string | null;
  mostSeconds: number;
  trouble: Trouble | null;
  /** Milliseconds of each answer so far, the first first. */
  turns: number[];
  ears: Ears | null;
}

export const SILENT: Told = {
  phase: 'idle',
  callId: null,
  mostSeconds: 0,
  trouble: null,
  turns: [],
  ears: null,
};

class Left extends Error {}

/** One call from a page by WebRTC: the microphone, the booking, the room; whatever comes first ends all of it. */
export class TestLine {
  private told: Told = { ...SILENT, phase: 'asking' };
  private left = false;
  private microphone: LocalAudioTrack | null = null;
  private room: Room | null = null;

  constructor(private readonly tell: (told: Told) => void) {}

  async begin(way: Way, deviceId: string | null): Promise<void> {
    this.say({});
    try {
      const livekit = await import('livekit-client');
      const microphone = await this.open(livekit, deviceId);
      this.say({ phase: 'joining' });
      const booked = await this.book(way);
      this.say({
        ears: new Ears(microphone.mediaStreamTrack, (turn) => {
          this.turn(turn);
        }),
      });
      await this.join(livekit, booked, microphone);
      this.say({ phase: 'on' });
    } catch (error) {
      if (!(error instanceof Left)) throw error;
    }
  }

  leave(trouble: Trouble | null = null): void {
    if (this.left) return;
    this.told.ears?.close();
    this.microphone?.stop();
    void this.room?.disconnect();
    this.say({ ears: null, trouble, phase: trouble ? 'idle' : 'over' });
    this.left = true;
  }

  press(key: string): void {
    const code = key === '*' ? 10 : key === '#' ? 11 : Number(key);
    void this.room?.localParticipant.publishDtmf(code, key);
  }

  private async open(
    livekit: typeof import('livekit-client'),
    deviceId: string | null,
  ): Promise<LocalAudioTrack> {
    const cleaned = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const options = deviceId ? { deviceId, ...cleaned } : cleaned;
    this.microphone = await livekit
      .createLocalAudioTrack(options)
      .catch(() => this.giveUp({ kind: 'noMicrophone' }));
    if (this.left) this.microphone.stop();
    return this.microphone;
  }

  private book(way: Way) {
    return answerOf(api.POST('/api/test-calls', { body: way })).catch((error: unknown) =>
      this.giveUp({ kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  private async join(
    { Room, RoomEvent, Track }: typeof import('livekit-client'),
    booked: { url: string; token: string; call_id: string; most_seconds: number },
    microphone: LocalAudioTrack,
  ): Promise<void> {
    const room = new Room();
    this.room = room;
    room.on(RoomEvent.Disconnected, () => {
      this.leave();
    });
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind === Track.Kind.Audio) this.told.ears?.hear(track.mediaStreamTrack, track.attach());
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      track.detach();
      this.told.ears?.forget(track.mediaStreamTrack);
    });
    try {
      await room.connect(booked.url, booked.token);
      this.say({ callId: booked.call_id, mostSeconds: booked.most_seconds });
      await room.localParticipant.publishTrack(microphone.mediaStreamTrack, {
        source: Track.Source.Microphone,
      });
    } catch (error) {
      if (error instanceof Left) throw error;
      this.giveUp({ kind: 'noMedia' });
    }
  }

  private turn(milliseconds: number): void {
    this.say({ turns: [...this.told.turns, milliseconds] });
  }

  /** Tell the page; whoever has left has nothing more to say, and stops here. */
  private say(change: Partial<Told>): void {
    if (this.left) {
      change.ears?.close();
      void this.room?.disconnect();
      throw new Left();
    }
    this.told = { ...this.told, ...change };
    this.tell(this.told);
  }

  private giveUp(trouble: Trouble): never {
    this.leave(trouble);
    throw new Left();
  }
}
