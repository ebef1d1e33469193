import { Button, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { Panel } from '../calls/Panel';
import classes from '../people/List.module.css';
import { sessionsQuery } from '../people/queries';
import { SessionsTable } from '../people/SessionsTable';
import { sessionQuery } from '../session/session';
import { PasswordForm } from './PasswordForm';

/** One's own password and sessions. */
export function AccountPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('account.title'));
  const { data: user } = useQuery(sessionQuery);
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h3">
          {t('account.title')}
        </Title>
        {user && (
          <Text size="sm" c="dimmed">
            {user.name} · {user.email} · {t(`role.${user.role}`)}
          </Text>
        )}
      </div>
      <div className={classes.columns}>
        <Panel title={t('account.password')}>
          <PasswordForm />
        </Panel>
        <Panel title={t('account.sessions')} aside={<EndOthers />}>
          <SessionsTable userId={null} name={t('account.sessions')} />
        </Panel>
      </div>
    </Stack>
  );
}

function EndOthers() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: sessions } = useQuery(sessionsQuery(null));
  const ending = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/sessions')),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  if ((sessions?.length ?? 0) < 2) return null;
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={ending.isPending}
      onClick={() => {
        ending.mutate();
      }}
    >
      {t('account.endOthers')}
    </Button>
  );
}
