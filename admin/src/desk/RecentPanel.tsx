import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '../app/now';
import { ProblemNotice } from '../app/ProblemNotice';
import { Panel } from '../calls/Panel';
import { clockText } from '../calls/words';
import classes from './Inbox.module.css';
import { recentEscalationsQuery } from './queries';

/** What became of the last ones. */
export function RecentPanel() {
  const { t, i18n } = useTranslation();
  const now = useNow(false);
  const recent = useQuery(recentEscalationsQuery);
  return (
    <Panel title={t('desk.recent')}>
      {recent.isError && !recent.data && (
        <ProblemNotice error={recent.error} onRetry={() => void recent.refetch()} />
      )}
      {recent.isPending && <Skeleton height={16} width="60%" m="md" />}
      {recent.data?.length === 0 && (
        <Text size="sm" c="dimmed" p="md">
          {t('desk.recentNone')}
        </Text>
      )}
      <ul className={classes.list}>
        {recent.data?.map(({ id, call_id, from, requested_at, failure, state, supervisor_name }) => (
          <li key={id} className={classes.past}>
            <Link to="/calls/$callId" params={{ callId: call_id }} className={classes.pastFrom}>
              {from || t('call.unknownCaller')}
            </Link>
            <time dateTime={requested_at}>{clockText(requested_at, i18n.language, new Date(now))}</time>
            <span className={classes.fate} data-failed={failure !== null || undefined}>
              {failure
                ? t(`desk.failure.${failure}`)
                : t(`desk.over.${state === 'handed_back' ? 'handed_back' : 'closed'}`, {
                    who: supervisor_name ?? t('none'),
                  })}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
