import type { Memory } from './deskCall';

const KEY = 'desk.call';
/** A page that was loaded again within this time goes on where it was; later the person decides. */
export const FRESH_MS = 20_000;

export interface Noted {
  callId: string;
  muted: boolean;
}

/** Which call this tab was in a moment ago; null when it was in none, or too long ago. */
export function noted(storage: Pick<Storage, 'getItem'>, now: number): Noted | null {
  let value: unknown;
  try {
    value = JSON.parse(storage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { callId, muted, at } = value as Record<string, unknown>;
  if (typeof callId !== 'string' || typeof at !== 'number' || now - at > FRESH_MS) return null;
  return { callId, muted: muted === true };
}

/** Keeps it in this tab's own storage: another tab is not in the call. */
export function tabMemory(storage: Storage): Memory {
  return {
    note: (callId, muted) => {
      storage.setItem(KEY, JSON.stringify({ callId, muted, at: Date.now() }));
    },
    forget: () => {
      storage.removeItem(KEY);
    },
  };
}
