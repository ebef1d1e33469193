import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { DeskContext } from './DeskContext';
import { makeDesk } from './makeDesk';
import { noted } from './memory';
import { SPEAKING } from './modes';

/** Holds the call that this console is in, whatever page is shown; comes back into it after a reload. */
export function DeskProvider({ children }: { children: ReactNode }) {
  const [desk] = useState(makeDesk);
  const queries = useQueryClient();

  useEffect(() => {
    const before = noted(sessionStorage, Date.now());
    if (before) void desk.call.join(before.callId, null, null, before.muted);
    const unload = () => {
      desk.call.unload();
    };
    const ask = (event: BeforeUnloadEvent) => {
      const { phase, mode, muted } = desk.call.snapshot();
      if (phase !== 'out' && mode !== null && SPEAKING.includes(mode) && !muted) event.preventDefault();
    };
    window.addEventListener('pagehide', unload);
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('pagehide', unload);
      window.removeEventListener('beforeunload', ask);
      void desk.call.leave();
    };
  }, [desk]);

  useEffect(
    () =>
      desk.call.subscribe(() => {
        const { callId } = desk.call.snapshot();
        if (callId) void queries.invalidateQueries({ queryKey: ['call', callId] });
        void queries.invalidateQueries({ queryKey: ['presence'] });
      }),
    [desk, queries],
  );

  return <DeskContext value={desk}>{children}</DeskContext>;
}
