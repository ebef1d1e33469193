import { EmptyBox } from '../../app/edit/EmptyBox';
import { ListState, More } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import { Paper, SegmentedControl, Stack } from '@mantine/core';
import { IconMailbox } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import classes from './messages.module.css';
import { VoicemailItem } from './VoicemailItem';

const LOOK_AGAIN_MS = 15_000;

const voicemailsQuery = infiniteQueryOptions({
  queryKey: ['voicemails'],
  refetchInterval: LOOK_AGAIN_MS,
  queryFn: ({ pageParam, signal }) =>
    answerOf(
      api.GET('/api/voicemails', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

/** Messages that callers left: listened to in place, marked as heard, deleted. */
export function VoicemailsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { show } = useSearch({ from: '/signed-in/voicemails' });
  const voicemails = useInfiniteQuery(voicemailsQuery);
  const all = voicemails.data?.pages.flatMap(({ items }) => items);
  const shown = show === 'new' ? all?.filter(({ heard }) => !heard) : all;
  const fresh = all?.filter(({ heard }) => !heard).length ?? 0;
  useDocumentTitle(fresh > 0 ? `(${fresh}) ${t('voicemails.title')}` : t('voicemails.title'));
  return (
    <Stack gap="md">
      <PageHead title={t('voicemails.title')} lead={t('voicemails.lead')}>
        <SegmentedControl
          size="xs"
          aria-label={t('voicemails.filter')}
          value={show ?? 'all'}
          onChange={(value) =>
            void navigate({ to: '/voicemails', search: value === 'new' ? { show: 'new' } : {} })
          }
          data={[
            { value: 'all', label: t('voicemails.all') },
            { value: 'new', label: t('voicemails.new') },
          ]}
        />
      </PageHead>
      <ListState query={voicemails} />
      {shown?.length === 0 && (
        <EmptyBox icon={IconMailbox} title={t('voicemails.emptyTitle')} text={t('voicemails.emptyText')} />
      )}
      {shown && shown.length > 0 && (
        <Paper withBorder>
          <ul className={classes.messages}>
            {shown.map((message) => (
              <VoicemailItem key={message.id} message={message} />
            ))}
          </ul>
        </Paper>
      )}
      <More query={voicemails} />
    </Stack>
  );
}
