import { Button, Group, Stack, Title } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { Panel } from '../calls/Panel';
import { sessionQuery } from '../session/session';
import { InvitationsPanel } from './InvitationsPanel';
import { InviteModal } from './InviteModal';
import { LoadingRows } from './ListParts';
import { OneTimeSecret } from './OneTimeSecret';
import { linkOf, type MadeInvitation, supervisorsQuery, usersQuery } from './queries';
import { timeText } from './times';
import { UserDrawer } from './UserDrawer';
import { UsersTable } from './UsersTable';

/** Who may sign in, who is invited. */
export function PeoplePage() {
  const { t, i18n } = useTranslation();
  useDocumentTitle(t('people.title'));
  const users = useQuery(usersQuery);
  const supervisors = useQuery(supervisorsQuery);
  const { data: own } = useQuery(sessionQuery);
  const [inviting, setInviting] = useState(false);
  const [editedId, setEditedId] = useState<string | null>(null);
  const [made, setMade] = useState<MadeInvitation | null>(null);
  const edited = users.data?.find(({ id }) => id === editedId);
  const showLink = (link: MadeInvitation) => {
    setInviting(false);
    setEditedId(null);
    setMade(link);
  };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('people.title')}
        </Title>
        <Button
          size="xs"
          leftSection={<IconUserPlus size={16} />}
          onClick={() => {
            setInviting(true);
          }}
        >
          {t('people.invite')}
        </Button>
      </Group>
      <Panel title={t('people.users')}>
        {users.error && <ProblemNotice error={users.error} onRetry={() => void users.refetch()} />}
        {users.data && (
          <UsersTable
            users={users.data}
            supervisors={supervisors.data ?? []}
            ownId={own?.id}
            onEdit={(user) => {
              setEditedId(user.id);
            }}
          />
        )}
        {users.isPending && <LoadingRows />}
      </Panel>
      <InvitationsPanel />
      {inviting && (
        <InviteModal
          onClose={() => {
            setInviting(false);
          }}
          onLink={showLink}
        />
      )}
      {edited && !supervisors.isPending && (
        <UserDrawer
          user={edited}
          supervisor={supervisors.data?.find(({ id }) => id === edited.id)}
          own={edited.id === own?.id}
          onClose={() => {
            setEditedId(null);
          }}
          onLink={showLink}
        />
      )}
      {made && (
        <OneTimeSecret
          title={t('people.linkFor', { email: made.email })}
          text={t('people.linkText', { until: timeText(made.expires_at, i18n.language) })}
          secret={linkOf(made)}
          onDone={() => {
            setMade(null);
          }}
        />
      )}
    </Stack>
  );
}
