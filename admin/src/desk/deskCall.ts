import type { Connection, Mode } from '../api/shapes';
import { opening, SPEAKING, type Step, stepsOf, undoOf } from './modes';
import { OUT, type Part, type Trouble } from './part';

export { OUT, type Part, type Trouble };

/** What is ordered at our server. */
export interface Orders {
  accept: (escalationId: string) => Promise<Connection>;
  /** Without a mode: as the last time in this call. */
  join: (callId: string, mode: Mode | null, epoch: number | null) => Promise<Connection>;
  /** The lead's count with the new mode. */
  switchTo: (callId: string, mode: Mode, epoch: number) => Promise<number>;
  handBack: (callId: string, epoch: number) => Promise<unknown>;
  hold: (callId: string, on: boolean, epoch: number) => Promise<unknown>;
  leave: (callId: string) => Promise<unknown>;
}

export interface MediaEvents {
  onGone: (because: 'over' | 'removed' | 'otherWindow' | 'lost') => void;
  onMending: (mending: boolean) => void;
  onSilenced: (silenced: boolean) => void;
}

/** The room of a call and the microphone in it. */
export interface Media {
  /** Opens the microphone, once; rejects when there is none. */
  openMicrophone: () => Promise<void>;
  enter: (connection: Connection) => Promise<void>;
  /** `open`, `restrict`, `publish`, `unpublish`, and the gate: `mute` is in force when it returns. */
  do: (step: Exclude<Step, 'ask'>) => Promise<void>;
  /** The person's own switch, beside the gate. */
  setMuted: (muted: boolean) => Promise<void>;
  /** After a click: let the sound be heard. */
  unsilence: () => Promise<void>;
  close: () => void;
}

/** Where it is noted that this tab is in a call, for when it is loaded again. */
export interface Memory {
  note: (callId: string, muted: boolean) => void;
  forget: () => void;
}

interface Parts {
  orders: Orders;
  media: (events: MediaEvents) => Media;
  line: (callId: string, events: { onBeat: () => void; onOut: () => void }) => () => void;
  memory: Memory;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** One call at a time that this console is in: the seat, the room, the line of beats, and the mode. */
export class DeskCall {
  private part: Part = OUT;
  private media: Media | null = null;
  private closeLine: (() => void) | null = null;
  /** How often the lead had changed when it was last seen here: the server refuses what was decided before. */
  private epoch = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly parts: Parts) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Part => this.part;

  /** Take an escalation and lead its call; `taken` is told as soon as it is ours. Rejects with what the server says when
   * it refuses. */
  async accept(escalation: { id: string; call_id: string }, taken?: () => void): Promise<void> {
    if (this.part.phase !== 'out') return;
    const ask = async () => {
      const connection = await this.parts.orders.accept(escalation.id);
      taken?.();
      return connection;
    };
    const refusal = await this.enter(escalation.call_id, true, ask);
    if (refusal) throw refusal;
  }

  /** Step into a call, of which the page shows this `epoch`; `mode` null as the last time. Muted as before a reload. */
  async join(callId: string, mode: Mode | null, epoch: number | null = null, muted = false): Promise<void> {
    if (this.part.phase !== 'out') return;
    const speaks = mode !== null && SPEAKING.includes(mode);
    const error = await this.enter(callId, speaks, () => this.parts.orders.join(callId, mode, epoch), muted);
    if (error) this.say({ ...OUT, callId, trouble: { kind: 'refused', error } });
  }

  /** Another mode in the call one is in. */
  async switchTo(mode: Mode): Promise<void> {
    await this.change(mode, (callId) => this.parts.orders.switchTo(callId, mode, this.epoch));
  }

  /** The agent leads again; one stays as a listener. */
  async handBack(): Promise<void> {
    const led = this.part.mode === 'take_over';
    await this.change('monitor', async (callId) => {
      const before = this.epoch;
      await this.parts.orders.handBack(callId, before);
      return led ? before + 1 : before;
    });
  }

  /** The page shows a call whose lead has changed so often: what the person orders from now on, they order knowing it. */
  noticeEpoch(callId: string, epoch: number): void {
    if (this.part.callId === callId) this.epoch = Math.max(this.epoch, epoch);
  }

  /** A colleague leads instead of us: we are heard as before. */
  demoted(): void {
    if (this.part.mode === 'take_over' && this.part.phase === 'in') this.say({ mode: 'barge' });
  }

  /** The caller hears music instead of us, or us again. Silent first, and heard again once the music is over. */
  async hold(on: boolean): Promise<void> {
    const { phase, callId } = this.part;
    const media = this.media;
    if (phase !== 'in' || callId === null || media === null) return;
    this.say({ phase: 'switching', trouble: null });
    try {
      if (on) await media.do('mute');
      await this.parts.orders.hold(callId, on, this.epoch);
      if (!on) await media.do('unmute');
      if (this.media === media) this.say({ phase: 'in', held: on, modeAt: Date.now() });
    } catch (error) {
      if (this.media !== media) return;
      const trouble: Trouble = { kind: 'refused', error: asError(error) };
      if (on) await this.keptQuiet(media);
      this.say({ phase: 'in', trouble, ...(on ? { muted: true } : {}) });
    }
  }

  /** The server says that the caller is on hold, or not any more: a page that was loaded again learns it so. */
  async noticeHold(held: boolean): Promise<void> {
    const media = this.media;
    if (this.part.phase !== 'in' || this.part.held === held || media === null) return;
    this.say({ held });
    await media.do(held ? 'mute' : 'unmute');
  }

  async setMuted(muted: boolean): Promise<void> {
    await this.media?.setMuted(muted);
    this.say({ muted, trouble: null });
  }

  async unsilence(): Promise<void> {
    await this.media?.unsilence();
  }

  async leave(): Promise<void> {
    const { callId, phase } = this.part;
    if (phase === 'out' || callId === null) return;
    this.drop();
    this.say(OUT);
    // Whoever is out already has left as well; and the server sees the room without us in any case.
    await this.parts.orders.leave(callId).catch(() => undefined);
  }

  /** The page goes, maybe to be loaded again: out of the room, but it is kept in mind. */
  unload(): void {
    this.closeLine?.();
    this.media?.close();
  }

  // --- how -----------------------------------------------------------------------------------------------------------

  /** Why the server refused, or null: then we are in the call, or `trouble` says why not. */
  private async enter(
    callId: string,
    speaks: boolean,
    ask: () => Promise<Connection>,
    muted = false,
  ): Promise<Error | null> {
    const media: Media = this.parts.media(this.eventsFor(() => media));
    this.media = media;
    this.epoch = 0;
    this.say({ ...OUT, phase: 'joining', callId, muted });
    // At the same time as the server is asked: whoever waits at the telephone waits for both.
    if (speaks) void media.openMicrophone().catch(() => undefined);
    let connection: Connection;
    try {
      connection = await ask();
    } catch (error) {
      if (this.media === media) {
        this.drop();
        this.say(OUT);
      }
      return asError(error);
    }
    if (this.media !== media) {
      void this.parts.orders.leave(callId).catch(() => undefined);
      return null;
    }
    this.openLine(callId);
    try {
      const deaf = await this.withMicrophone(media, connection);
      const entered = deaf ? await this.parts.orders.join(callId, 'monitor', null) : connection;
      await media.enter(entered);
      if (SPEAKING.includes(entered.mode)) await this.speak(media, entered.mode, muted);
      if (this.media === media) this.entered(entered, deaf);
    } catch {
      await this.notReached(media, callId);
    }
    return null;
  }

  /** Whether the microphone is missing that this mode needs: then one listens rather than leads in silence. */
  private async withMicrophone(media: Media, { mode }: Connection): Promise<boolean> {
    if (!SPEAKING.includes(mode)) return false;
    return media.openMicrophone().then(
      () => false,
      () => true,
    );
  }

  private async speak(media: Media, mode: Mode, muted: boolean): Promise<void> {
    if (muted) await media.setMuted(true);
    await this.walk(media, [opening(mode), 'publish']);
  }

  private entered(connection: Connection, deaf: boolean): void {
    const { call_id, supervision_id, mode } = connection;
    this.epoch = Math.max(this.epoch, connection.lead_epoch);
    this.say({
      phase: 'in',
      callId: call_id,
      supervisionId: supervision_id,
      mode,
      modeAt: Date.now(),
      trouble: deaf ? { kind: 'noMicrophone' } : null,
    });
    this.parts.memory.note(call_id, this.part.muted);
  }

  private async notReached(media: Media, callId: string): Promise<void> {
    if (this.media !== media) return;
    this.drop();
    this.say({ ...OUT, callId, trouble: { kind: 'noMedia' } });
    await this.parts.orders.leave(callId).catch(() => undefined);
  }

  private async change(to: Mode, ask: (callId: string) => Promise<number>): Promise<void> {
    const { phase, mode: from, callId } = this.part;
    const media = this.media;
    if (phase !== 'in' || from === null || callId === null || media === null || from === to) return;
    this.say({ phase: 'switching', trouble: null });
    let asked = false;
    const order = async () => {
      this.noticeEpoch(callId, await ask(callId));
      asked = true;
    };
    // Opened while the server is asked; `publish` waits for it.
    if (from === 'monitor') void media.openMicrophone().catch(() => undefined);
    try {
      await this.walk(media, stepsOf(from, to), order);
      if (this.media !== media) return;
      // Who listens has no microphone to be muted; who speaks next means to be heard.
      const muted = to === 'monitor' ? false : this.part.muted;
      if (this.part.muted && !muted) await media.setMuted(false);
      // Any order but this ends a hold.
      if (this.part.held) await media.do('unmute');
      this.say({ phase: 'in', mode: to, modeAt: Date.now(), muted, held: false });
    } catch (error) {
      if (this.media === media) await this.stays(media, { from, to, callId, asked }, asError(error));
    }
  }

  /** The change has failed: everything as it was, but for a microphone that was silent already. */
  private async stays(
    media: Media,
    { from, to, callId, asked }: { from: Mode; to: Mode; callId: string; asked: boolean },
    error: Error,
  ): Promise<void> {
    if (asked) {
      // The server did its part, the microphone did not: nobody leads without a voice.
      await this.parts.orders.switchTo(callId, from, this.epoch).then(
        (epoch) => {
          this.noticeEpoch(callId, epoch);
        },
        () => undefined,
      );
      this.say({ phase: 'in', trouble: { kind: 'noMicrophone' } });
      return;
    }
    await this.walk(media, undoOf(from, to));
    const silent = stepsOf(from, to)[0] === 'mute';
    if (silent) await this.keptQuiet(media);
    this.say({ phase: 'in', trouble: { kind: 'refused', error }, ...(silent ? { muted: true } : {}) });
  }

  /** What was meant for fewer ears is not said to all: the person opens the microphone again, not we. */
  private async keptQuiet(media: Media): Promise<void> {
    await media.setMuted(true);
    await media.do('unmute');
  }

  private async walk(media: Media, steps: Step[], ask?: () => Promise<unknown>): Promise<void> {
    for (const step of steps) await (step === 'ask' ? ask?.() : media.do(step));
  }

  private openLine(callId: string): void {
    this.closeLine = this.parts.line(callId, {
      onBeat: () => {
        this.parts.memory.note(callId, this.part.muted);
      },
      onOut: () => {
        this.out('lost');
      },
    });
  }

  private eventsFor(mine: () => Media): MediaEvents {
    const current = () => this.media === mine();
    return {
      onGone: (because) => {
        if (current()) this.out(because);
      },
      onMending: (mending) => {
        if (current()) this.say({ mending });
      },
      onSilenced: (silenced) => {
        if (current()) this.say({ silenced });
      },
    };
  }

  private out(because: 'over' | 'removed' | 'otherWindow' | 'lost'): void {
    const { callId } = this.part;
    this.drop();
    this.say({ ...OUT, callId, trouble: because === 'over' ? null : { kind: because } });
  }

  private drop(): void {
    this.closeLine?.();
    this.closeLine = null;
    const media = this.media;
    this.media = null;
    media?.close();
    this.parts.memory.forget();
  }

  private say(change: Partial<Part>): void {
    this.part = { ...this.part, ...change };
    for (const listener of this.listeners) listener();
  }
}
