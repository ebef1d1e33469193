import { createContext, useContext, useSyncExternalStore } from 'react';
import type { DeskCall, Part } from './deskCall';
import type { CallRoom } from './room';

export interface Desk {
  call: DeskCall;
  /** The room one is in, for levels and devices. */
  room: () => CallRoom | null;
}

export const DeskContext = createContext<Desk | null>(null);

/** This console's part in calls; only within the shell. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('useDesk is for pages within the shell');
  return desk;
}

export function usePart(): Part {
  const { call } = useDesk();
  return useSyncExternalStore(call.subscribe, call.snapshot);
}
