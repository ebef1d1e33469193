import type { InterimWords, Segment } from '../api/shapes';

/** Words that nothing followed for so long are no longer true: the recogniser made something else of them, or nothing. */
export const INTERIM_LIFE_MS = 10_000;

export type Interims = Partial<Record<InterimWords['speaker'], InterimWords | undefined>>;

/** The words in one message's data; null for anything else. */
export function readInterim(data: string): InterimWords | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { offer_id, speaker, seq, text } = value as Record<string, unknown>;
  const whole = typeof offer_id === 'string' && typeof speaker === 'string' && typeof text === 'string';
  return whole && typeof seq === 'number' ? (value as InterimWords) : null;
}

/** What of it is still awaited: words give way to the finished utterance of their number. */
export function stillInterim(interims: Interims, segments: readonly Segment[]): InterimWords[] {
  return Object.values(interims)
    .filter((words) => words !== undefined)
    .filter(
      (words) =>
        !segments.some(
          ({ offer_id, speaker, seq }) =>
            offer_id === words.offer_id && speaker === words.speaker && seq >= words.seq,
        ),
    );
}
