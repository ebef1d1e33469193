import { useSyncExternalStore } from 'react';

let now = Date.now();

function everySecond(tick: () => void): () => void {
  now = Date.now();
  const timer = setInterval(() => {
    now = Date.now();
    tick();
  }, 1_000);
  return () => {
    clearInterval(timer);
  };
}

const never = () => () => undefined;

/** The time in ms since 1970, moving on every second while `ticking`. */
export function useNow(ticking: boolean): number {
  return useSyncExternalStore(ticking ? everySecond : never, () => now);
}
