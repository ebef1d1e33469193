import type { Call, Mode } from '../api/shapes';

/** The modes of a supervisor in the order of how much the caller notices. */
export const MODES = ['monitor', 'whisper', 'barge', 'take_over'] as const satisfies readonly Mode[];

export const SPEAKING: readonly Mode[] = ['whisper', 'barge', 'take_over'];
const TO_CALLER: readonly Mode[] = ['barge', 'take_over'];

/** How many hear a supervisor: nobody, the agent alone, everybody. */
function reach(mode: Mode): 0 | 1 | 2 {
  if (TO_CALLER.includes(mode)) return 2;
  return mode === 'whisper' ? 1 : 0;
}

/**
 * One step of a change of mode. `mute` and `unmute` are the microphone's, `restrict` lets the agent alone hear it, `open`
 * everybody; `ask` is the server's part, `publish` and `unpublish` put the microphone into the room and out of it.
 */
export type Step = 'mute' | 'unmute' | 'restrict' | 'open' | 'ask' | 'publish' | 'unpublish';

/** What hearing a mode means for who may hear the microphone, before it is in the room. */
export function opening(mode: Mode): Step {
  return reach(mode) === 2 ? 'open' : 'restrict';
}

/**
 * In which order the microphone, the media server and our server are told of a change. Narrower: silence first, sound
 * again once the restriction is confirmed, so that no word reaches the caller that is not meant for them. Wider: the
 * permission first, for our server subscribes the caller to it, and without a permission that waits for seconds.
 */
export function stepsOf(from: Mode, to: Mode): Step[] {
  const [before, after] = [reach(from), reach(to)];
  if (after === 0) return before === 0 ? ['ask'] : ['mute', 'ask', 'unpublish'];
  if (before === 0) return [opening(to), 'ask', 'publish'];
  if (after < before) return ['mute', 'restrict', 'ask', 'unmute'];
  return after > before ? ['open', 'ask'] : ['ask'];
}

/** What is to be put right when our server has refused: the mode stays `from`. A narrower one that failed stays mute. */
export function undoOf(from: Mode, to: Mode): Step[] {
  const [before, after] = [reach(from), reach(to)];
  if (before === 2 && after === 1) return ['open'];
  return before === 1 && after === 2 ? ['restrict'] : [];
}

export type Button = Mode | 'hand_back' | 'hold' | 'mute' | 'leave';

/** Why a button cannot be pressed now. */
export type Why =
  'over' | 'elsewhere' | 'wait' | 'nobodyTalks' | 'notIn' | 'notLeading' | 'noLead' | 'noMicrophone';

export interface Situation {
  call: Pick<Call, 'state' | 'answered_at' | 'lead'>;
  /** In the call, on the way into it or into another mode, or neither. */
  phase: 'out' | 'joining' | 'in' | 'switching';
  mode: Mode | null;
  /** In another call. */
  elsewhere: boolean;
}

/** Why this button cannot be pressed; null when it can. */
export function whyNot(button: Button, { call, phase, mode, elsewhere }: Situation): Why | null {
  if (call.state === 'ended') return 'over';
  if (elsewhere) return 'elsewhere';
  if (button === 'leave') return phase === 'out' ? 'notIn' : null;
  if (phase === 'joining' || phase === 'switching') return 'wait';
  if (button === 'mute' || button === 'hand_back' || button === 'hold') {
    if (phase === 'out' || mode === null) return 'notIn';
    if (button === 'hold') return mode === 'take_over' ? null : 'noLead';
    if (button === 'mute') return SPEAKING.includes(mode) ? null : 'noMicrophone';
    return TO_CALLER.includes(mode) ? null : 'notLeading';
  }
  const talks = call.answered_at !== null && (call.lead === 'agent' || call.lead === 'supervisor');
  return button !== 'monitor' && !talks ? 'nobodyTalks' : null;
}
