import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TimelineEvent } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { Panel } from './Panel';
import classes from './Panels.module.css';
import { timelineQuery } from './queries';
import { offsetText, plainType } from './words';

/** The words themselves stand in the transcript. */
type Shown = TimelineEvent & { type: Exclude<TimelineEvent['type'], 'segment_stored'> };

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

function Happened({ event, start }: { event: Shown; start: string }) {
  const { t } = useTranslation();
  return (
    <li className={classes.event}>
      <time dateTime={event.at} className={classes.offset}>
        {offsetText(start, event.at)}
      </time>
      <div>
        <div className={classes.eventTitle}>
          {t(`event.${event.type}`, { defaultValue: plainType(event.type) })}
        </div>
        {event.summary && <div className={classes.eventText}>{event.summary}</div>}
      </div>
    </li>
  );
}

function isShown(event: TimelineEvent): event is Shown {
  return event.type !== 'segment_stored';
}
