import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { problemText } from '../app/problemText';
import { fieldErrors, isSaidAt } from './fieldErrors';
import type { MadeInvitation, Role } from './queries';
import { RoleSelect } from './UserForm';
import { Dialog } from '../app/Dialog';

export function InviteModal({
  onClose,
  onLink,
}: {
  onClose: () => void;
  onLink: (made: MadeInvitation) => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const inviting = useMutation({
    mutationFn: () => answerOf(api.POST('/api/invitations', { body: { email, role } })),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['invitations'] });
      onLink(made);
    },
  });
  const errors = fieldErrors(inviting.error);
  return (
    <Dialog opened onClose={onClose} title={t('people.invite')} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          inviting.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t('people.inviteLead')}
          </Text>
          <TextInput
            label={t('people.email')}
            type="email"
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            error={errors.email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
          <RoleSelect role={role} onRole={setRole} error={errors.role} />
          {inviting.error && !isSaidAt(inviting.error, ['email', 'role']) && (
            <Alert role="alert" color="red">
              {problemText(inviting.error, t)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('people.cancel')}
            </Button>
            <Button type="submit" loading={inviting.isPending}>
              {t('people.inviteSubmit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
