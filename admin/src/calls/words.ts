import type { Segment } from '../api/shapes';

/** 7 s → "0:07", 754 s → "12:34", 3723 s → "1:02:03"; a time before the start counts as its start. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** From arrival to the end, or to `now` while the call lives. */
export function callDuration(call: { arrived_at: string; ended_at: string | null }, now: number): string {
  const end = call.ended_at ? Date.parse(call.ended_at) : now;
  return durationText(end - Date.parse(call.arrived_at));
}

/** How long after `start` something was: "+0:04". */
export function offsetText(start: string, at: string): string {
  return `+${durationText(Date.parse(at) - Date.parse(start))}`;
}

/** The time of day today, with the date on any other day. */
export function clockText(at: string, language: string, now: Date): string {
  const date = new Date(at);
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const day = { day: 'numeric', month: 'short' } as const;
  const today = date.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(language, today ? time : { ...day, ...time }).format(date);
}

export interface Turn {
  speaker: Segment['speaker'];
  segments: Segment[];
}

/** Segments in the order they were said, consecutive ones of one speaker together. */
export function turnsOf(segments: readonly Segment[]): Turn[] {
  const turns: Turn[] = [];
  for (const segment of segments.toSorted((a, b) => a.start_ms - b.start_ms || a.seq - b.seq)) {
    const last = turns.at(-1);
    if (last?.speaker === segment.speaker) last.segments.push(segment);
    else turns.push({ speaker: segment.speaker, segments: [segment] });
  }
  return turns;
}

/** An event type this console has no words for, made readable: "some_new_type" → "Some new type". */
export function plainType(type: string): string {
  const words = type.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
