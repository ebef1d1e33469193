import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { StreamState } from '../api/eventStream';
import type { Board } from '../api/shapes';
import { useNow } from '../app/now';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { useLiveEvents } from '../app/useLiveEvents';
import { durationText } from '../calls/words';
import { sessionQuery } from '../session/session';
import { boardQuery } from './queries';
import { useStayAwake } from './useStayAwake';
import { WallAlerts } from './WallAlerts';
import classes from './Wallboard.module.css';
import { WallQueues } from './WallQueues';
import { WallTiles } from './WallTiles';
import { clockOf, OLD_MS } from './words';

/** For a screen on the wall: nothing to click, readable from five metres, dark unless `?colours=light`. */
export function Wallboard() {
  const { t } = useTranslation();
  const { colours } = useSearch({ from: '/wallboard' });
  const stream = useLiveEvents();
  const look = useQuery(boardQuery);
  useDocumentTitle(t('board.wallboard'));
  useStayAwake();
  useSignInAgain();
  return (
    <main className={classes.wall} data-colours={colours ?? 'dark'}>
      <h1 className={classes.hidden}>{t('board.wallboard')}</h1>
      {look.data ? (
        <Wall board={look.data} readAt={look.dataUpdatedAt} stream={stream} />
      ) : (
        <p className={classes.patience} role="status">
          {t('board.wall.waitingForServer')}
        </p>
      )}
    </main>
  );
}

function Wall({ board, readAt, stream }: { board: Board; readAt: number; stream: StreamState }) {
  const machineNow = useNow(true);
  const { now, old } = clockOf(board, readAt, machineNow);
  const stale = old > OLD_MS || stream === 'lost';
  return (
    <>
      <Head old={old} stale={stale} at={machineNow} />
      <div className={classes.figures} data-stale={stale}>
        <WallTiles board={board} now={now} />
        <WallQueues queues={board.queues} now={now} />
      </div>
      <WallAlerts alerts={board.alerts} now={now} />
    </>
  );
}

function Head({ old, stale, at }: { old: number; stale: boolean; at: number }) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (
    <header className={classes.head}>
      <span className={classes.lamp} data-stale={stale} role="status" data-testid="freshness">
        {stale ? t('board.wall.old', { age: durationText(old) }) : t('board.wall.live')}
      </span>
      <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
    </header>
  );
}

/** A session lasts half a day: then the screen asks for a new one, and comes back here. */
function useSignInAgain(): void {
  const { data: user } = useQuery(sessionQuery);
  const navigate = useNavigate();
  useEffect(() => {
    if (user === null)
      void navigate({ to: '/sign-in', search: { next: window.location.pathname }, replace: true });
  }, [user, navigate]);
}
