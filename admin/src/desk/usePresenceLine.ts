import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { presenceLine } from './lines';
import { PRESENCE_KEY } from './queries';

/** Keeps the supervisor reachable while the console is open; whether they are. */
export function usePresenceLine(): boolean {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      presenceLine((state) => {
        setOpen(state);
        void queries.invalidateQueries({ queryKey: PRESENCE_KEY });
      }),
    [queries],
  );
  return open;
}
