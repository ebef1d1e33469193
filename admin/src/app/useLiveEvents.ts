import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { listen, type StreamState } from '../api/eventStream';
import { makeRefresher } from '../api/refresher';
import { BOARD_KEY } from '../board/queries';
import { keysTouchedBy } from '../calls/queries';
import { deskKeysTouchedBy } from '../desk/queries';
import { sessionQuery } from '../session/session';

/** The most often that one list or call is read again, however many events come. */
const REFRESH_PAUSE_MS = 250;

/** Keeps everything on the page fresh from the server's events for as long as the component lives. */
export function useLiveEvents(): StreamState {
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>('connecting');

  useEffect(() => {
    const refresh = makeRefresher(
      (key) => queries.invalidateQueries({ queryKey: JSON.parse(key) as readonly unknown[] }),
      REFRESH_PAUSE_MS,
    );
    return listen({
      onState: setState,
      onEvent: (event) => {
        const keys = [BOARD_KEY, ...keysTouchedBy(event), ...deskKeysTouchedBy(event.type)];
        for (const key of keys) refresh(JSON.stringify(key));
      },
      onHealed: () => void queries.invalidateQueries(),
      onRefused: () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    });
  }, [queries]);

  return state;
}
