import { Paper, Stack, Table } from '@mantine/core';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { EmptyBox } from '../../app/edit/EmptyBox';
import { ListState, More } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import { clockText } from '../../calls/words';
import classes from '../messages/messages.module.css';
import { NumberTabs } from './NumberTabs';

const refusedQuery = infiniteQueryOptions({
  queryKey: ['setup', 'refused'],
  queryFn: ({ pageParam, signal }) =>
    answerOf(
      api.GET('/api/trunks/refused', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

/** Calls that were not let in, and calls that a trunk's guard did not let out. */
export function RefusedPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('refused.title'));
  const refused = useInfiniteQuery(refusedQuery);
  const rows = refused.data?.pages.flatMap(({ items }) => items);
  return (
    <Stack gap="md">
      <PageHead title={t('refused.title')} lead={t('refused.lead')} />
      <NumberTabs />
      <ListState query={refused} />
      {rows?.length === 0 && <EmptyBox title={t('refused.emptyTitle')} text={t('refused.emptyText')} />}
      {rows && rows.length > 0 && (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={760} tabIndex={0}>
            <Table verticalSpacing="xs" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('refused.at')}</Table.Th>
                  <Table.Th>{t('refused.way')}</Table.Th>
                  <Table.Th>{t('column.from')}</Table.Th>
                  <Table.Th>{t('column.to')}</Table.Th>
                  <Table.Th>{t('call.trunk')}</Table.Th>
                  <Table.Th>{t('refused.because')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Row key={row.id} row={row} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      <More query={refused} />
    </Stack>
  );
}

function Row({ row }: { row: components['schemas']['RefusedAttempt'] }) {
  const { t, i18n } = useTranslation();
  const at = clockText(row.at, i18n.language, new Date());
  return (
    <Table.Tr>
      <Table.Td className={classes.nowrap}>
        {row.call_id ? (
          <Link to="/calls/$callId" params={{ callId: row.call_id }} className={classes.link}>
            {at}
          </Link>
        ) : (
          at
        )}
      </Table.Td>
      <Table.Td>{t(`trunks.direction.${row.direction}`)}</Table.Td>
      <Table.Td>{row.from || t('none')}</Table.Td>
      <Table.Td>{row.to}</Table.Td>
      <Table.Td>{row.trunk || t('none')}</Table.Td>
      <Table.Td>{row.direction === 'outbound' ? row.because.replaceAll('_', ' ') : row.because}</Table.Td>
    </Table.Tr>
  );
}
