import { Button, Group, Skeleton, Stack, Title } from '@mantine/core';
import { IconDeviceDesktop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Board } from '../api/shapes';
import { useNow } from '../app/now';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { AlertList } from './AlertList';
import classes from './BoardPage.module.css';
import { CallsPanel } from './CallsPanel';
import { Freshness } from './Freshness';
import { boardQuery } from './queries';
import { QueuesPanel } from './QueuesPanel';
import { Tiles } from './Tiles';
import { WorkersPanel } from './WorkersPanel';
import { clockOf } from './words';

/** What is going on at this instant. What was seen last stays when nobody answers, and says how old it is. */
export function BoardPage() {
  const { t } = useTranslation();
  const look = useQuery(boardQuery);
  useDocumentTitle(t('board.title'));
  return (
    <Stack gap="md" className={classes.page}>
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h3">
          {t('board.title')}
        </Title>
        <Group gap="md">
          {look.data && <Freshness readAt={look.dataUpdatedAt} />}
          <ToWallboard />
        </Group>
      </Group>
      {look.isError && <ProblemNotice error={look.error} onRetry={() => void look.refetch()} />}
      {look.data ? <Parts board={look.data} readAt={look.dataUpdatedAt} /> : !look.isError && <Loading />}
    </Stack>
  );
}

function Parts({ board, readAt }: { board: Board; readAt: number }) {
  const { now } = clockOf(board, readAt, useNow(true));
  return (
    <>
      <AlertList alerts={board.alerts} promises={board.promises} now={now} />
      <Tiles board={board} now={now} />
      <QueuesPanel queues={board.queues} now={now} />
      <CallsPanel calls={board.calls} total={board.calls_total} now={now} />
      <WorkersPanel workers={board.workers} now={now} />
    </>
  );
}

/** A click may ask for the whole screen; the page that opens stays there. */
function ToWallboard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const open = () => {
    const whole = document.fullscreenEnabled
      ? document.documentElement.requestFullscreen()
      : Promise.resolve();
    void whole.catch(() => undefined).then(() => navigate({ to: '/wallboard' }));
  };
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDeviceDesktop size={14} aria-hidden />}
      title={t('board.wallboardHint')}
      onClick={open}
    >
      {t('board.wallboard')}
    </Button>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack gap="md" role="status" aria-label={t('loading')}>
      <Skeleton height={56} />
      <Skeleton height={84} />
      <Skeleton height={150} />
      <Skeleton height={220} />
    </Stack>
  );
}
