import { Button, Group, Skeleton, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '../app/now';
import { ProblemNotice } from '../app/ProblemNotice';
import { OutcomeBadge, StateBadge } from './Badges';
import { Panel } from './Panel';
import classes from './Panels.module.css';
import { earlierQuery } from './queries';
import { callDuration, clockText } from './words';

/** When whoever is at the other end called before, and what became of it. */
export function EarlierPanel({ callId }: { callId: string }) {
  const { t, i18n } = useTranslation();
  const now = useNow(false);
  const earlier = useInfiniteQuery(earlierQuery(callId));
  const calls = earlier.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Panel title={t('callPage.earlier')}>
      {earlier.isError && !earlier.data && (
        <ProblemNotice error={earlier.error} onRetry={() => void earlier.refetch()} />
      )}
      {earlier.isPending && <Skeleton height={16} width="60%" m="md" aria-label={t('loading')} />}
      {earlier.data && calls.length === 0 && (
        <Text c="dimmed" size="sm" p="md">
          {t('callPage.earlierNone')}
        </Text>
      )}
      <ul className={classes.list}>
        {calls.map((call) => (
          <li key={call.id} className={classes.item}>
            <Link to="/calls/$callId" params={{ callId: call.id }} className={classes.when}>
              <time dateTime={call.arrived_at}>
                {clockText(call.arrived_at, i18n.language, new Date(now))}
              </time>
            </Link>
            <span className={classes.offset}>{callDuration(call, now)}</span>
            {call.outcome ? <OutcomeBadge outcome={call.outcome} /> : <StateBadge state={call.state} />}
          </li>
        ))}
      </ul>
      {earlier.hasNextPage && (
        <Group justify="center" p="xs">
          <Button
            variant="subtle"
            size="compact-sm"
            loading={earlier.isFetchingNextPage}
            onClick={() => void earlier.fetchNextPage()}
          >
            {t('callPage.earlierMore')}
          </Button>
        </Group>
      )}
    </Panel>
  );
}
