/**
 * Opening hours as texts ("08:00-18:00") and as minutes from the midnight that their day begins with. A span belongs to
 * the day it starts on; an end past DAY is on the next day (callcenter/setup/calendars/hours.py).
 */

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export type Week = Record<Weekday, string[]>;

export const DAY = 24 * 60;
/** The grid reaches so far into the next day. */
export const REACH = DAY + 6 * 60;
export const STEP = 30;

export interface Span {
  start: number;
  end: number;
}

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** The minutes of a span, null where the text is none. */
export function spanOf(text: string): Span | null {
  const found = SPAN.exec(text.trim());
  if (!found) return null;
  const start = Number(found[1]) * 60 + Number(found[2]);
  const end = found[3] === undefined ? DAY : Number(found[3]) * 60 + Number(found[4]);
  if (start === end) return null;
  return { start, end: end > start ? end : end + DAY };
}

export function clock(minute: number): string {
  const within = minute > DAY ? minute - DAY : minute;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

export function textOf({ start, end }: Span): string {
  return `${clock(start)}-${clock(end)}`;
}

export function spansOf(texts: readonly string[]): Span[] {
  return texts
    .map(spanOf)
    .filter((span) => span !== null)
    .sort((a, b) => a.start - b.start);
}

function joined(spans: Span[]): Span[] {
  const found: Span[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}

/** A day's spans with `range` opened or closed; none is longer than a day less a step. */
export function painted(spans: Span[], range: Span, open: boolean): Span[] {
  const next = open
    ? joined([...spans, range])
    : spans.flatMap(({ start, end }) => [
        { start, end: Math.min(end, range.start) },
        { start: Math.max(start, range.end), end },
      ]);
  return next
    .filter(({ start, end }) => end > start && start < DAY)
    .map(({ start, end }) => ({ start, end: end > DAY && end - start >= DAY ? DAY : end }));
}

/** Which rows and minutes are painted: from one corner to the other, both included. */
export interface Area {
  from: Cell;
  to: Cell;
}

export interface Cell {
  row: number;
  minute: number;
}

export function rangeOf({ from, to }: Area): Span {
  return { start: Math.min(from.minute, to.minute), end: Math.max(from.minute, to.minute) + STEP };
}

export function rowsOf({ from, to }: Area): Weekday[] {
  return WEEKDAYS.slice(Math.min(from.row, to.row), Math.max(from.row, to.row) + 1);
}

/** The week with an area opened or closed. What lies wholly after a row's midnight belongs to the next day. */
export function weekPainted(week: Week, area: Area, open: boolean): Week {
  const range = rangeOf(area);
  const after = range.start >= DAY;
  const own = after ? { start: range.start - DAY, end: range.end - DAY } : range;
  const next = { ...week };
  for (const day of rowsOf(area)) {
    const place = WEEKDAYS.indexOf(day);
    const owner = after && open ? (WEEKDAYS[(place + 1) % 7] ?? day) : day;
    const span = after && !open ? range : own;
    next[owner] = painted(spansOf(next[owner]), span, open).map(textOf);
  }
  return next;
}

export function isOpen(week: Week, { row, minute }: Cell): boolean {
  const day = WEEKDAYS[row];
  return day !== undefined && spansOf(week[day]).some(({ start, end }) => start <= minute && minute < end);
}

/** What the day before leaves in this row: its hours past midnight. */
export function leftOver(week: Week, row: number): Span[] {
  const before = WEEKDAYS[(row + 6) % 7] ?? 'mon';
  return spansOf(week[before])
    .filter(({ end }) => end > DAY)
    .map(({ end }) => ({ start: 0, end: end - DAY }));
}

/** Hours of opening in a week. */
export function hoursIn(week: Week): number {
  return (
    WEEKDAYS.flatMap((day) => spansOf(week[day])).reduce((sum, { start, end }) => sum + end - start, 0) / 60
  );
}
