import type { Mode } from '../api/shapes';

export type Trouble =
  | { kind: 'refused'; error: Error }
  /** The room was not reached; there is no microphone. */
  | { kind: 'noMedia' | 'noMicrophone' }
  /** Out of the call: put out by somebody, in another window of one's own, or the connection was lost. */
  | { kind: 'removed' | 'otherWindow' | 'lost' };

/** This console's part in a call, as pages show it. */
export interface Part {
  phase: 'out' | 'joining' | 'in' | 'switching';
  /** The call one is in, or (when out) the one that `trouble` is about. */
  callId: string | null;
  supervisionId: string | null;
  mode: Mode | null;
  /** When the last order was confirmed, in ms of this machine's clock. */
  modeAt: number;
  muted: boolean;
  /** The caller hears music, and nobody in the call hears us. */
  held: boolean;
  /** The media connection is being mended. */
  mending: boolean;
  /** The browser plays no sound before somebody has clicked. */
  silenced: boolean;
  trouble: Trouble | null;
}

export const OUT: Part = {
  phase: 'out',
  callId: null,
  supervisionId: null,
  mode: null,
  modeAt: 0,
  muted: false,
  held: false,
  mending: false,
  silenced: false,
  trouble: null,
};
