import { Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { ProblemNotice } from '../app/ProblemNotice';
import classes from './List.module.css';
import { changeUser, type MadeInvitation, type Person, type Supervisor } from './queries';
import { SessionsTable } from './SessionsTable';
import { UserForm } from './UserForm';

interface UserDrawerProps {
  user: Person;
  /** Their skills, where they may supervise. */
  supervisor: Supervisor | undefined;
  own: boolean;
  onClose: () => void;
  onLink: (made: MadeInvitation) => void;
}

/** Everything that can be done about one user. */
export function UserDrawer({ user, supervisor, own, onClose, onLink }: UserDrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={user.name}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          {user.email}
        </Text>
        <UserForm user={user} supervisor={supervisor} onDone={onClose} />
        {!own && <Access user={user} onLink={onLink} />}
        {!user.disabled && (
          <div className={classes.access}>
            <Title order={3} size="h6" mb="xs">
              {t('people.sessions')}
            </Title>
            <SessionsTable userId={user.id} name={t('people.sessions')} />
          </div>
        )}
      </Stack>
    </Drawer>
  );
}

function Access({ user, onLink }: { user: Person; onLink: (made: MadeInvitation) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const turning = useMutation({
    mutationFn: () => changeUser(user, { disabled: !user.disabled }),
    onSettled: () =>
      Promise.all(
        ['users', 'sessions', 'keys', 'invitations'].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
  const resetting = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/api/users/{user_id}/password-reset', { params: { path: { user_id: user.id } } })),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['invitations'] });
      onLink(made);
    },
  });
  const error = turning.error ?? resetting.error;
  return (
    <Stack gap="sm" className={classes.access}>
      <Title order={3} size="h6">
        {t('people.access')}
      </Title>
      {!user.disabled && (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{t('people.resetText')}</Text>
          <Button
            variant="default"
            size="xs"
            flex="none"
            loading={resetting.isPending}
            onClick={() => {
              resetting.mutate();
            }}
          >
            {t('people.reset')}
          </Button>
        </Group>
      )}
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{t(user.disabled ? 'people.enableText' : 'people.disableText')}</Text>
        <Button
          variant={user.disabled ? 'default' : 'outline'}
          color={user.disabled ? 'gray' : 'red'}
          size="xs"
          flex="none"
          loading={turning.isPending}
          onClick={() => {
            turning.mutate();
          }}
        >
          {t(user.disabled ? 'people.enable' : 'people.disable')}
        </Button>
      </Group>
      {error && <ProblemNotice error={error} onRetry={turning.error ? turning.mutate : resetting.mutate} />}
    </Stack>
  );
}
