import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Segment } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { Panel } from './Panel';
import { LIVE_REFETCH_MS, transcriptQuery } from './queries';
import classes from './TranscriptPanel.module.css';
import { useStickToEnd } from './useStickToEnd';
import { durationText, type Turn, turnsOf } from './words';

/** What was said, by speaker, growing while the call lives. */
export function TranscriptPanel({ callId, live }: { callId: string; live: boolean }) {
  const { t } = useTranslation();
  const transcript = useQuery({
    ...transcriptQuery(callId),
    refetchInterval: ({ state }) => (state.data?.complete === false ? LIVE_REFETCH_MS : false),
  });
  return (
    <Panel
      title={t('transcript.title')}
      aside={transcript.data && <Progress live={live} complete={transcript.data.complete} />}
    >
      {transcript.isError && !transcript.data && (
        <ProblemNotice error={transcript.error} onRetry={() => void transcript.refetch()} />
      )}
      {transcript.isPending && <Loading />}
      {transcript.data && <Words segments={transcript.data.segments} live={live} />}
    </Panel>
  );
}

function Progress({ live, complete }: { live: boolean; complete: boolean }) {
  const { t } = useTranslation();
  const words = complete ? 'complete' : live ? 'listening' : 'incomplete';
  return (
    <span className={classes.progress} data-progress={words}>
      {t(`transcript.${words}`)}
    </span>
  );
}

function Words({ segments, live }: { segments: Segment[]; live: boolean }) {
  const { t } = useTranslation();
  const { box, away, toEnd, onScroll } = useStickToEnd(segments.length);
  return (
    <>
      {/* A scrolling box has to take the focus, or the keyboard cannot scroll it. */}
      <div
        ref={box}
        className={classes.words}
        role="log"
        aria-live="polite"
        aria-label={t('transcript.title')}
        onScroll={onScroll}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {segments.length === 0 && (
          <Text c="dimmed" size="sm" ta="center" py="xl">
            {t(live ? 'transcript.waiting' : 'transcript.nothing')}
          </Text>
        )}
        {turnsOf(segments).map((turn) => (
          <TurnOf key={turn.segments[0]?.id} turn={turn} />
        ))}
      </div>
      {away && (
        <Button
          size="compact-sm"
          radius="xl"
          className={classes.newest}
          leftSection={<IconArrowDown size={14} />}
          onClick={toEnd}
        >
          {t('transcript.newest')}
        </Button>
      )}
    </>
  );
}

function TurnOf({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  return (
    <div className={classes.turn} data-speaker={turn.speaker}>
      <div className={classes.speaker}>{t(`transcript.${turn.speaker}`)}</div>
      {turn.segments.map((segment) => (
        <div key={segment.id} className={classes.line}>
          <p
            className={classes.bubble}
            lang={segment.language ?? ''}
            data-interrupted={segment.interrupted || undefined}
          >
            {segment.text}
            {segment.interrupted && <span className={classes.cut}>{t('transcript.interrupted')}</span>}
          </p>
          <span className={classes.offset}>{durationText(segment.start_ms)}</span>
        </div>
      ))}
    </div>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack gap="md" p="md" role="status" aria-label={t('loading')}>
      <Skeleton height={38} width="55%" radius="lg" />
      <Skeleton height={54} width="62%" radius="lg" ml="auto" />
      <Skeleton height={38} width="40%" radius="lg" />
    </Stack>
  );
}
