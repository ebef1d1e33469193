import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TimelineEvent } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { type Happening, sentenceOf } from './happened';
import { Panel } from './Panel';
import classes from './Panels.module.css';
import { timelineQuery } from './queries';
import { offsetText, plainType } from './words';

/** What happened to the call, in words, with the time since it arrived. */
export function TimelinePanel({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const timeline = useQuery(timelineQuery(callId));
  const events = timeline.data?.filter(isShown) ?? [];
  const start = events[0]?.at;
  return (
    <Panel title={t('call.timeline')}>
      {timeline.isError && !timeline.data && (
        <ProblemNotice error={timeline.error} onRetry={() => void timeline.refetch()} />
      )}
      {timeline.isPending && (
        <Stack gap="xs" p="md" role="status" aria-label={t('loading')}>
          <Skeleton height={16} width="70%" />
          <Skeleton height={16} width="52%" />
          <Skeleton height={16} width="61%" />
        </Stack>
      )}
      {timeline.data && events.length === 0 && (
        <Text c="dimmed" size="sm" p="md">
          {t('call.timelineEmpty')}
        </Text>
      )}
      {start && (
        <ol className={classes.timeline}>
          {events.map((event) => (
            <Happened key={event.seq} event={event} start={start} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Happened({ event, start }: { event: Happening; start: string }) {
  const { t, i18n } = useTranslation();
  const { key, values, words, detail } = sentenceOf(event);
  const inWords = Object.fromEntries(Object.entries(words).map(([name, word]) => [name, t(word)]));
  const sentence = i18n.exists(key) ? t(key, { ...values, ...inWords }) : plainType(event.type);
  return (
    <li className={classes.event}>
      <time dateTime={event.at} className={classes.offset}>
        {offsetText(start, event.at)}
      </time>
      <div>
        <div className={classes.sentence}>{sentence}</div>
        {detail && event.summary && (
          <div className={classes.eventText} lang="en">
            {event.summary}
          </div>
        )}
      </div>
    </li>
  );
}

function isShown(event: TimelineEvent): event is Happening {
  return event.type !== 'segment_stored';
}
