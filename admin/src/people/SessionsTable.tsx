import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { ProblemNotice } from '../app/ProblemNotice';
import classes from './List.module.css';
import { EmptyList, ListTable, LoadingRows } from './ListParts';
import { type Session, sessionsQuery } from './queries';
import { timeText } from './times';

/** Where a user (with null: oneself) is signed in, and the way to end it. */
export function SessionsTable({ userId, name }: { userId: string | null; name: string }) {
  const { t } = useTranslation();
  const sessions = useQuery(sessionsQuery(userId));
  const queries = useQueryClient();
  const ending = useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE('/api/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const error = ending.error ?? sessions.error;
  if (error)
    return <ProblemNotice error={error} onRetry={() => void sessions.refetch().then(ending.reset)} />;
  if (!sessions.data) return <LoadingRows rows={2} />;
  if (sessions.data.length === 0) return <EmptyList text={t('sessions.none')} />;
  const columns = [t('sessions.device'), t('sessions.address'), t('sessions.since'), t('sessions.lastSeen')];
  return (
    <ListTable name={name} columns={columns}>
      {sessions.data.map((session) => (
        <SessionRow
          key={session.id}
          session={session}
          pending={ending.isPending && ending.variables === session.id}
          onEnd={() => {
            ending.mutate(session.id);
          }}
        />
      ))}
    </ListTable>
  );
}

function SessionRow({ session, pending, onEnd }: { session: Session; pending: boolean; onEnd: () => void }) {
  const { t, i18n } = useTranslation();
  const device = session.device || t('sessions.unknown');
  return (
    <tr>
      <td>
        {device}
        {session.current && <span className={classes.you}>{t('sessions.current')}</span>}
      </td>
      <td>{session.address ?? t('none')}</td>
      <td>{timeText(session.created_at, i18n.language)}</td>
      <td>{timeText(session.last_seen_at, i18n.language)}</td>
      <td className={classes.actions}>
        {!session.current && (
          <Button
            size="compact-xs"
            variant="default"
            loading={pending}
            aria-label={t('sessions.endNamed', { device })}
            onClick={onEnd}
          >
            {t('sessions.end')}
          </Button>
        )}
      </td>
    </tr>
  );
}
