import { Button, Group, Kbd, Paper, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPhoneIncoming } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import classes from './CallsPage.module.css';
import { CallTable } from './CallTable';
import { endedCallsQuery, liveCallsQuery } from './queries';

export function CallsPage() {
  const { t } = useTranslation();
  const { show } = useSearch({ from: '/signed-in/calls' });
  const live = useQuery(liveCallsQuery);
  const liveCount = live.data?.length ?? 0;
  useDocumentTitle(liveCount > 0 ? `(${liveCount}) ${t('calls.title')}` : t('calls.title'));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('calls.title')}
        </Title>
        <Filter show={show ?? 'all'} />
      </Group>
      <Paper withBorder className={classes.panel}>
        <Lists onlyLive={show === 'live'} />
      </Paper>
      <Group gap="lg" className={classes.keys}>
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t('calls.keys')}
        </span>
        <span>
          <Kbd size="xs">Enter</Kbd> {t('calls.keysOpen')}
        </span>
        <span>
          <Kbd size="xs">Esc</Kbd> {t('calls.keysBack')}
        </span>
      </Group>
    </Stack>
  );
}

function Filter({ show }: { show: 'all' | 'live' }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('calls.filter')}
      value={show}
      onChange={(value) => void navigate({ to: '/calls', search: value === 'live' ? { show: 'live' } : {} })}
      data={[
        { value: 'all', label: t('calls.all') },
        { value: 'live', label: t('calls.live') },
      ]}
    />
  );
}

function Lists({ onlyLive }: { onlyLive: boolean }) {
  const { t } = useTranslation();
  const live = useQuery(liveCallsQuery);
  const ended = useInfiniteQuery({ ...endedCallsQuery, enabled: !onlyLive });
  const error = [live, ended].find((query) => query.isError && !query.data)?.error;
  const retry = () => {
    void live.refetch();
    if (!onlyLive) void ended.refetch();
  };
  if (error) return <ProblemNotice error={error} onRetry={retry} />;
  if (!live.data || (!onlyLive && !ended.data)) return <Loading />;

  const running = new Set(live.data.map((call) => call.id));
  const past = onlyLive
    ? []
    : (ended.data?.pages.flatMap((page) => page.items) ?? []).filter((call) => !running.has(call.id));
  if (live.data.length + past.length === 0) return <Empty onlyLive={onlyLive} />;
  const groups = [
    { heading: t('calls.liveHeading'), calls: live.data, more: false },
    { heading: t('calls.endedHeading'), calls: past, more: ended.hasNextPage },
  ];
  return (
    <>
      <CallTable groups={groups} />
      {!onlyLive && ended.hasNextPage && (
        <Group justify="center" p="sm">
          <Button
            variant="default"
            size="xs"
            loading={ended.isFetchingNextPage}
            onClick={() => void ended.fetchNextPage()}
          >
            {t('calls.more')}
          </Button>
        </Group>
      )}
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t('loading')}>
      {[70, 92, 84, 88, 60].map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </Stack>
  );
}

function Empty({ onlyLive }: { onlyLive: boolean }) {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap={6} py={72} px="md" ta="center">
      <IconPhoneIncoming size={36} stroke={1.4} className={classes.emptyIcon} aria-hidden />
      <Text fw={600}>{t(onlyLive ? 'calls.emptyLiveTitle' : 'calls.emptyTitle')}</Text>
      <Text c="dimmed" size="sm" maw={420}>
        {t(onlyLive ? 'calls.emptyLiveText' : 'calls.emptyText')}
      </Text>
    </Stack>
  );
}
