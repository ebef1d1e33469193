import { Button, Group } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { ProblemNotice } from '../app/ProblemNotice';
import { Panel } from '../calls/Panel';
import classes from './List.module.css';
import { EmptyList, ListTable, LoadingRows, StateBadge } from './ListParts';
import { type Invitation, invitationsQuery } from './queries';
import { timeText } from './times';

export function InvitationsPanel() {
  const { t } = useTranslation();
  return (
    <Panel title={t('people.invitations')}>
      <Invitations />
    </Panel>
  );
}

function Invitations() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const listed = useInfiniteQuery(invitationsQuery);
  const revoking = useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE('/api/invitations/{invitation_id}', { params: { path: { invitation_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  if (listed.error) return <ProblemNotice error={listed.error} onRetry={() => void listed.refetch()} />;
  if (!listed.data) return <LoadingRows rows={2} />;
  const items = listed.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <EmptyList text={t('people.noInvitations')} />;
  const columns = [
    t('people.email'),
    t('people.kind'),
    t('people.role'),
    t('people.state'),
    t('people.invitedBy'),
    t('people.until'),
  ];
  return (
    <>
      {revoking.error && <ProblemNotice error={revoking.error} onRetry={revoking.reset} />}
      <ListTable name={t('people.invitations')} columns={columns}>
        {items.map((invitation) => (
          <InvitationRow key={invitation.id} invitation={invitation} onRevoke={revoking.mutate} />
        ))}
      </ListTable>
      {listed.hasNextPage && (
        <Group justify="center" p="sm">
          <Button variant="default" size="xs" onClick={() => void listed.fetchNextPage()}>
            {t('audit.more')}
          </Button>
        </Group>
      )}
    </>
  );
}

function InvitationRow({ invitation, onRevoke }: { invitation: Invitation; onRevoke: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  const { id, email, kind, role, state, created_by, expires_at } = invitation;
  return (
    <tr className={state === 'open' ? undefined : classes.faded}>
      <td>{email}</td>
      <td>{t(kind === 'join' ? 'people.join' : 'people.resetKind')}</td>
      <td>{t(`role.${role}`)}</td>
      <td>
        <StateBadge state={state}>{t(`people.invitation.${state}`)}</StateBadge>
      </td>
      <td>{created_by}</td>
      <td>{timeText(expires_at, i18n.language)}</td>
      <td className={classes.actions}>
        {state === 'open' && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={t('people.revokeNamed', { email })}
            onClick={() => {
              onRevoke(id);
            }}
          >
            {t('people.revoke')}
          </Button>
        )}
      </td>
    </tr>
  );
}
