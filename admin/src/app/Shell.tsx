import { Button, Group, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconLogout } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { StreamState } from '../api/eventStream';
import type { User } from '../api/shapes';
import { DeskProvider } from '../desk/DeskProvider';
import { sessionQuery, signOut } from '../session/session';
import { CONTENT } from './content';
import { Brand } from './Brand';
import { Preferences } from './Preferences';
import classes from './Shell.module.css';
import { SideBar } from './SideBar';
import { useLiveEvents } from './useLiveEvents';

/** Only supervisors need it, and not before they are signed in. */
const DeskBar = lazy(() => import('../desk/DeskBar'));

/** What surrounds every page of somebody who is signed in. */
export function Shell() {
  const { t } = useTranslation();
  const stream = useLiveEvents();
  const { data: user } = useQuery(sessionQuery);
  useLeaveWhenSignedOut(user);
  const content = useFocusOnNewPage();
  return (
    <DeskProvider>
      <div className={classes.shell}>
        <a href={`#${CONTENT}`} className={classes.skip}>
          {t('skip')}
        </a>
        <header className={classes.bar}>
          <Brand />
          <span className={classes.space} />
          <StreamLamp state={stream} />
          {user?.permissions.includes('supervise') && (
            <Suspense fallback={null}>
              <DeskBar />
            </Suspense>
          )}
          <Preferences />
          {user && <Account user={user} />}
        </header>
        {stream === 'lost' && (
          <div role="alert" className={classes.lost}>
            <IconAlertTriangle size={16} aria-hidden />
            {t('stream.lostLong')}
          </div>
        )}
        <div className={classes.body}>
          {user && <SideBar user={user} />}
          <main id={CONTENT} tabIndex={-1} ref={content} className={classes.main}>
            <Outlet />
          </main>
        </div>
      </div>
    </DeskProvider>
  );
}

function StreamLamp({ state }: { state: StreamState }) {
  const { t } = useTranslation();
  return (
    <span role="status" className={classes.lamp} data-state={state}>
      {t(`stream.${state}`)}
    </span>
  );
}

function Account({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queries.setQueryData(sessionQuery.queryKey, null);
    },
  });
  return (
    <Group gap="sm" wrap="nowrap">
      <div className={classes.user}>
        <Text size="sm" fw={550} lh={1.2} truncate>
          {user.name}
        </Text>
        <Text size="xs" c="dimmed" lh={1.2}>
          {t(`role.${user.role}`)}
        </Text>
      </div>
      <Tooltip label={user.email} position="bottom-end">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconLogout size={14} />}
          loading={leaving.isPending}
          onClick={() => {
            leaving.mutate();
          }}
        >
          {t('session.signOut')}
        </Button>
      </Tooltip>
    </Group>
  );
}

/** Tells assistive technology, and the arrow keys, that another page is shown. */
function useFocusOnNewPage() {
  const content = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  useEffect(() => {
    content.current?.focus({ preventScroll: true });
  }, [path]);
  return content;
}

/** Once the session is known to be over, nothing of it stays in memory. */
function useLeaveWhenSignedOut(user: User | null | undefined): void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    if (user !== null) return;
    const next = window.location.pathname + window.location.search;
    void navigate({ to: '/sign-in', search: { next }, replace: true }).then(() => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    });
  }, [user, navigate, queries]);
}
