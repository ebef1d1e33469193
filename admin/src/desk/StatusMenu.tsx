import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Presence } from '../api/shapes';
import { useNow } from '../app/now';
import { problemText } from '../app/problemText';
import { durationText } from '../calls/words';
import classes from './DeskBar.module.css';
import { choosePresence, PRESENCE_KEY, presenceQuery } from './queries';

const SOON_MS = 500;
const CHOICES = ['available', 'busy', 'away'] as const;

/** How one stands, and the way to change it. Nobody is asked into a call who is not available. */
export function StatusMenu({ reachable }: { reachable: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: presence } = useQuery({
    ...presenceQuery,
    // The line of another window that has just closed says offline, until the next beat of this one.
    refetchInterval: ({ state }) => (reachable && state.data?.status === 'offline' ? SOON_MS : false),
  });
  const left = useWrapUp(presence);
  const choosing = useMutation({
    mutationFn: choosePresence,
    onSuccess: (now) => {
      queries.setQueryData(PRESENCE_KEY, now);
    },
  });
  const status = reachable ? (presence?.status ?? 'offline') : 'offline';
  const words = t(`desk.status.${status}`);
  return (
    <Menu
      position="bottom-end"
      width={260}
      transitionProps={{ duration: 0 }}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton
          className={classes.status}
          data-status={status}
          aria-label={t('desk.statusIs', { status: words })}
        >
          <span className={classes.statusWords}>
            {words}
            {status === 'wrap_up' && left > 0 && ` ${durationText(left)}`}
          </span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(`desk.statusHint.${status}`)}</Menu.Label>
        {CHOICES.map((choice) => (
          <Menu.Item
            key={choice}
            leftSection={<span className={classes.dot} data-status={choice} />}
            rightSection={
              presence?.chosen === choice && status !== 'wrap_up' ? <IconCheck size={15} aria-hidden /> : null
            }
            onClick={() => {
              choosing.mutate(choice);
            }}
          >
            {t(`desk.status.${choice}`)}
          </Menu.Item>
        ))}
        {choosing.isError && (
          <Menu.Label role="alert" className={classes.refused}>
            {problemText(choosing.error, t)}
          </Menu.Label>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Milliseconds that are left after a call; when they are over, how one stands is asked again. */
function useWrapUp(presence: Presence | undefined): number {
  const queries = useQueryClient();
  const wraps = presence?.status === 'wrap_up';
  const now = useNow(wraps);
  const left = wraps && presence.wrap_until ? Date.parse(presence.wrap_until) - now : 0;
  const over = wraps && left <= 0;
  useEffect(() => {
    if (over) void queries.invalidateQueries({ queryKey: PRESENCE_KEY });
  }, [over, queries]);
  return left;
}
