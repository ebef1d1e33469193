import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { InterimWords, Segment } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { stillInterim } from './interim';
import { Panel } from './Panel';
import { LIVE_REFETCH_MS, transcriptQuery } from './queries';
import classes from './TranscriptPanel.module.css';
import { useInterimWords } from './useInterimWords';
import { useStickToEnd } from './useStickToEnd';
import { durationText, type Turn, turnsOf } from './words';

interface TranscriptPanelProps {
  callId: string;
  live: boolean;
  /** The utterance that somebody came for. */
  marked?: string | undefined;
}

/** What was said, by speaker, growing while the call lives. */
export function TranscriptPanel({ callId, live, marked }: TranscriptPanelProps) {
  const { t } = useTranslation();
  const interims = useInterimWords(callId, live);
  const transcript = useQuery({
    ...transcriptQuery(callId),
    refetchInterval: ({ state }) => (state.data?.complete === false ? LIVE_REFETCH_MS : false),
  });
  return (
    <Panel
      title={t('transcript.title')}
      aside={
        transcript.data && (
          <Group gap="sm">
            <Progress live={live} complete={transcript.data.complete} />
            {transcript.data.segments.length > 0 && <Download callId={callId} />}
          </Group>
        )
      }
    >
      {transcript.isError && !transcript.data && (
        <ProblemNotice error={transcript.error} onRetry={() => void transcript.refetch()} />
      )}
      {transcript.isPending && <Loading />}
      {transcript.data && (
        <Words
          segments={transcript.data.segments}
          interims={stillInterim(interims, transcript.data.segments)}
          live={live}
          marked={marked}
        />
      )}
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

function Download({ callId }: { callId: string }) {
  const { t } = useTranslation();
  return (
    <Button
      component="a"
      href={`/api/calls/${callId}/transcript/text`}
      download
      variant="default"
      size="compact-xs"
      leftSection={<IconDownload size={13} />}
      aria-label={t('callPage.downloadHint')}
    >
      {t('callPage.download')}
    </Button>
  );
}

interface WordsProps {
  segments: Segment[];
  interims: InterimWords[];
  live: boolean;
  marked?: string | undefined;
}

function Words({ segments, interims, live, marked }: WordsProps) {
  const { t } = useTranslation();
  const growth = segments.length + interims.reduce((sum, { text }) => sum + text.length, 0);
  const { box, away, toEnd, onScroll } = useStickToEnd(growth, marked);
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
        {segments.length + interims.length === 0 && (
          <Text c="dimmed" size="sm" ta="center" py="xl">
            {t(live ? 'transcript.waiting' : 'transcript.nothing')}
          </Text>
        )}
        {turnsOf(segments).map((turn) => (
          <TurnOf key={turn.segments[0]?.id} turn={turn} marked={marked} />
        ))}
        {interims.map((words) => (
          <Saying key={words.speaker} words={words} />
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

/** What is being said: it changes all the time, so a screen reader waits for the finished words. */
function Saying({ words: { speaker, text } }: { words: InterimWords }) {
  const { t } = useTranslation();
  return (
    <div className={classes.turn} data-speaker={speaker} aria-live="off">
      <div className={classes.speaker}>
        {t(`transcript.${speaker}`)} · {t('callPage.interim')}
      </div>
      <div className={classes.line}>
        <p className={classes.bubble} data-interim>
          {text}
          <span className={classes.dots} aria-hidden>
            …
          </span>
        </p>
      </div>
    </div>
  );
}

function TurnOf({ turn, marked }: { turn: Turn; marked?: string | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={classes.turn} data-speaker={turn.speaker}>
      <div className={classes.speaker}>{t(`transcript.${turn.speaker}`)}</div>
      {turn.segments.map((segment) => (
        <div key={segment.id} className={classes.line}>
          <p
            className={classes.bubble}
            lang={segment.language ?? ''}
            id={`segment-${segment.id}`}
            data-interrupted={segment.interrupted || undefined}
            data-marked={segment.id === marked || undefined}
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
