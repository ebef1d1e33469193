import { Button, Paper, Skeleton, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { clockText } from '../calls/words';
import { replayPage } from './queries';
import classes from './Routing.module.css';

/** The calls that would have gone elsewhere, each with the way to it. */
export function ReplayCalls({ id, change }: { id: string; change: number | null }) {
  const { t, i18n } = useTranslation();
  const pages = useInfiniteQuery({
    queryKey: ['replay', id, change],
    queryFn: ({ pageParam }) => replayPage(id, change, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: Infinity,
  });
  if (pages.isError) return <ProblemNotice error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <Skeleton height={120} />;
  const calls = pages.data.pages.flatMap(({ items }) => items);
  if (calls.length === 0) return null;
  return (
    <Paper withBorder className={classes.scrolls}>
      <Table fz="sm" aria-label={t('routing.replay.changedCalls')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('column.started')}</Table.Th>
            <Table.Th>{t('column.from')}</Table.Th>
            <Table.Th>{t('column.to')}</Table.Th>
            <Table.Th>{t('routing.replay.before')}</Table.Th>
            <Table.Th>{t('routing.replay.after')}</Table.Th>
            <Table.Th>{t('call.rule')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.call_id}>
              <Table.Td>
                <Link to="/calls/$callId" params={{ callId: call.call_id }} className={classes.link}>
                  {call.arrived_at
                    ? clockText(call.arrived_at, i18n.language, new Date())
                    : t('routing.replay.deleted')}
                </Link>
              </Table.Td>
              <Table.Td>{call.from ?? t('call.unknownCaller')}</Table.Td>
              <Table.Td>{call.to}</Table.Td>
              <Table.Td>{call.before}</Table.Td>
              <Table.Td>{call.after}</Table.Td>
              <Table.Td>{call.rule ?? t('call.noRule')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {pages.hasNextPage && (
        <Button
          m="sm"
          size="xs"
          variant="default"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('routing.replay.more')}
        </Button>
      )}
    </Paper>
  );
}
