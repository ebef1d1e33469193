import { Alert, Button, Checkbox, Group, NativeSelect, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../api/shapes';
import { problemText } from '../app/problemText';
import { fieldErrors, isSaidAt } from '../people/fieldErrors';
import type { Role } from '../people/queries';
import { RoleSelect } from '../people/UserForm';
import { keysQuery, makeKey, type MadeKey, type Permission } from './queries';
import { choosable, rolesBelow, toggled } from './scopes';
import { permissionText } from './words';
import { Dialog } from '../app/Dialog';

const DAYS = [7, 30, 90, 366];
const FIELDS = ['name', 'role', 'scopes'];

interface KeyModalProps {
  user: User;
  onClose: () => void;
  onMade: (key: MadeKey) => void;
}

export function KeyModal({ user, onClose, onMade }: KeyModalProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [scopes, setScopes] = useState<Permission[] | null>(null);
  const [days, setDays] = useState(90);
  const making = useMutation({
    mutationFn: () => makeKey({ name, role, scopes, expires_in_days: days }),
    onSuccess: (key) => {
      void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
      onMade(key);
    },
  });
  const errors = fieldErrors(making.error);
  return (
    <Dialog opened onClose={onClose} title={t('keys.new')} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          making.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('keys.name')}
            description={t('keys.nameHint')}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            value={name}
            error={errors.name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <RoleSelect role={role} roles={rolesBelow(user.role)} onRole={setRole} error={errors.role} />
          <ScopeChoice user={user} scopes={scopes} onScopes={setScopes} error={errors.scopes} />
          <NativeSelect
            label={t('keys.lifetime')}
            value={days}
            data={DAYS.map((count) => ({ value: String(count), label: t('keys.days', { count }) }))}
            onChange={(event) => {
              setDays(Number(event.currentTarget.value));
            }}
          />
          {making.error && !isSaidAt(making.error, FIELDS) && (
            <Alert role="alert" color="red">
              {problemText(making.error, t)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('people.cancel')}
            </Button>
            <Button type="submit" loading={making.isPending} disabled={scopes?.length === 0}>
              {t('keys.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface ScopeChoiceProps {
  user: User;
  scopes: Permission[] | null;
  onScopes: (scopes: Permission[] | null) => void;
  error: string | undefined;
}

function ScopeChoice({ user, scopes, onScopes, error }: ScopeChoiceProps) {
  const { t, i18n } = useTranslation();
  return (
    <Radio.Group
      label={t('keys.scopes')}
      error={error}
      value={scopes ? 'some' : 'all'}
      onChange={(value) => {
        onScopes(value === 'some' ? ['read_calls'] : null);
      }}
    >
      <Stack gap="xs" mt={6}>
        <Radio value="all" label={t('keys.everything')} />
        <Radio value="some" label={t('keys.some')} />
        {scopes && (
          <Stack gap={6} pl="xl">
            {choosable(user).map((scope) => (
              <Checkbox
                key={scope}
                size="xs"
                label={permissionText(scope, i18n)}
                checked={scopes.includes(scope)}
                onChange={() => {
                  onScopes(toggled(scopes, scope));
                }}
              />
            ))}
          </Stack>
        )}
      </Stack>
    </Radio.Group>
  );
}
