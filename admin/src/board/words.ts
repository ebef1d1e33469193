import type { Board, BoardQueue } from '../api/shapes';
import { durationText } from '../calls/words';

/** Figures older than this are said to be old, and their colours fade. */
export const OLD_MS = 6_000;

export interface Clock {
  /** The server's time in ms since 1970, moving on with this machine's clock. */
  now: number;
  /** How long ago the figures were read, ms. */
  old: number;
}

/** `readAt` is this machine's time when the board came; the two clocks need not agree. */
export function clockOf(board: Pick<Board, 'at'>, readAt: number, machineNow: number): Clock {
  const old = Math.max(0, machineNow - readAt);
  return { now: Date.parse(board.at) + old, old };
}

/** How long ago: "0:07"; null stays away. */
export function since(at: string | null, now: number): string | null {
  return at === null ? null : durationText(now - Date.parse(at));
}

/** 94.36 → "94 %", as the language writes it; a service level is never rounded up to a promise it does not keep. */
export function percentText(percent: number, language: string): string {
  const shown = Math.floor(percent) / 100;
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(shown);
}

export type Verdict = 'good' | 'near' | 'bad' | 'none';

/** Within ten points of the target is near. */
export function levelVerdict({ level, target_percent }: BoardQueue): Verdict {
  if (level === null) return 'none';
  if (level >= target_percent) return 'good';
  return level >= target_percent - 10 ? 'near' : 'bad';
}

/** Whoever has waited longer than the target is late; half of it is near. */
export function waitVerdict(queue: BoardQueue, now: number): Verdict {
  if (queue.waiting_since === null) return 'none';
  const waited = (now - Date.parse(queue.waiting_since)) / 1_000;
  if (waited > queue.target_seconds) return 'bad';
  return waited > queue.target_seconds / 2 ? 'near' : 'good';
}

export interface Totals {
  waiting: number;
  waitingSince: string | null;
  seats: number;
  free: number;
  answered: number;
  abandoned: number;
  /** Percent over all queues, each judged by its own target; null without calls. */
  level: number | null;
}

/** The figures of the whole house. Seats are those of agents that take calls. */
export function totalsOf(board: Board): Totals {
  const { queues } = board;
  const agents = board.workers.filter(({ kind, state }) => kind === 'agent' && state === 'up');
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const judged = sum(queues.map(({ level_calls }) => level_calls));
  const inTime = sum(queues.map(({ level, level_calls }) => ((level ?? 0) * level_calls) / 100));
  const first = queues.flatMap(({ waiting_since }) => waiting_since ?? []).sort((a, b) => a.localeCompare(b));
  return {
    waiting: sum(queues.map(({ waiting }) => waiting)),
    waitingSince: first[0] ?? null,
    seats: sum(agents.map(({ seats }) => seats)),
    free: sum(agents.map(({ seats, busy }) => seats - busy)),
    answered: sum(queues.map(({ answered }) => answered)),
    abandoned: sum(queues.map(({ abandoned }) => abandoned)),
    level: judged > 0 ? (100 * inTime) / judged : null,
  };
}

/** Who needs most stands first: the longest wait, then the lowest service level, then the name. */
export function neediest(queues: readonly BoardQueue[]): BoardQueue[] {
  const rank = ({ waiting_since }: BoardQueue) =>
    waiting_since === null ? Infinity : Date.parse(waiting_since);
  return queues.toSorted(
    (a, b) =>
      (rank(a) === rank(b) ? (a.level ?? 101) - (b.level ?? 101) : rank(a) - rank(b)) ||
      a.name.localeCompare(b.name),
  );
}
