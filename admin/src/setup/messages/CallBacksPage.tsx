import { EmptyBox } from '../../app/edit/EmptyBox';
import { ListState, More } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import { Paper, SegmentedControl, Stack, Table } from '@mantine/core';
import { IconPhoneOutgoing } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import { CallBackRow } from './CallBackRow';

const LOOK_AGAIN_MS = 10_000;
const OPEN = ['planned', 'dialling', 'confirming'] as const;

const callBacksQuery = (onlyOpen: boolean) =>
  infiniteQueryOptions({
    queryKey: ['call-backs', onlyOpen],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...(onlyOpen ? { state: [...OPEN] } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return answerOf(api.GET('/api/call-backs', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

/** Callers who hung up and kept their place. */
export function CallBacksPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { show } = useSearch({ from: '/signed-in/call-backs' });
  const callBacks = useInfiniteQuery(callBacksQuery(show !== 'all'));
  const rows = callBacks.data?.pages.flatMap(({ items }) => items);
  useDocumentTitle(t('callBacks.title'));
  return (
    <Stack gap="md">
      <PageHead title={t('callBacks.title')} lead={t('callBacks.lead')}>
        <SegmentedControl
          size="xs"
          aria-label={t('callBacks.filter')}
          value={show ?? 'open'}
          onChange={(value) =>
            void navigate({ to: '/call-backs', search: value === 'all' ? { show: 'all' } : {} })
          }
          data={[
            { value: 'open', label: t('callBacks.open') },
            { value: 'all', label: t('callBacks.all') },
          ]}
        />
      </PageHead>
      <ListState query={callBacks} />
      {rows?.length === 0 && (
        <EmptyBox
          icon={IconPhoneOutgoing}
          title={t('callBacks.emptyTitle')}
          text={t('callBacks.emptyText')}
        />
      )}
      {rows && rows.length > 0 && (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={820} tabIndex={0}>
            <Table verticalSpacing="xs" horizontalSpacing="md">
              <Head />
              <Table.Tbody>
                {rows.map((row) => (
                  <CallBackRow key={row.id} row={row} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      <More query={callBacks} />
    </Stack>
  );
}

function Head() {
  const { t } = useTranslation();
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{t('callers.number')}</Table.Th>
        <Table.Th>{t('column.queue')}</Table.Th>
        <Table.Th>{t('column.state')}</Table.Th>
        <Table.Th>{t('callBacks.askedAt')}</Table.Th>
        <Table.Th>{t('callBacks.attempts')}</Table.Th>
        <Table.Th>{t('callBacks.next')}</Table.Th>
        <Table.Th>{t('callBacks.lastFailure')}</Table.Th>
        <Table.Th aria-label={t('callBacks.cancel')} />
      </Table.Tr>
    </Table.Thead>
  );
}
