import { Alert, Button, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { components } from '../api/schema';
import { Brand } from '../app/Brand';
import { Preferences } from '../app/Preferences';
import { ProblemNotice } from '../app/ProblemNotice';
import { problemText } from '../app/problemText';
import { useDocumentTitle } from '../app/useDocumentTitle';
import classes from '../session/SignInPage.module.css';
import { signIn } from '../session/session';
import { fieldErrors, isSaidAt } from './fieldErrors';

type Held = components['schemas']['HeldInvitation'];

/** Where the holder of a link sets name and password. The token stays behind the #, out of every log. */
export function WelcomePage() {
  const { t } = useTranslation();
  useDocumentTitle(t('welcome.title'));
  const [token] = useState(() => window.location.hash.slice(1));
  const held = useQuery({
    queryKey: ['welcome', token],
    staleTime: Infinity,
    queryFn: () => answerOf(api.POST('/api/welcome', { body: { token } })),
  });
  const dead = held.error instanceof ApiProblem && [404, 422].includes(held.error.status);
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <Preferences />
      </header>
      <main className={classes.main}>
        <Paper withBorder shadow="sm" radius="lg" p="xl" className={classes.card}>
          {held.data && <WelcomeForm held={held.data} token={token} />}
          {dead && <DeadLink />}
          {held.error && !dead && <ProblemNotice error={held.error} onRetry={() => void held.refetch()} />}
          {held.isPending && <Skeleton height={260} />}
        </Paper>
      </main>
    </div>
  );
}

function DeadLink() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        {t('welcome.deadTitle')}
      </Title>
      <Text size="sm">{t('welcome.deadText')}</Text>
      <Button variant="default" component={Link} to="/sign-in">
        {t('welcome.toSignIn')}
      </Button>
    </Stack>
  );
}

function useAccept(token: string) {
  return useMutation({
    mutationFn: async ({ name, password }: { name: string | null; password: string }) => {
      const { email } = await answerOf(api.POST('/api/welcome/accept', { body: { token, name, password } }));
      await signIn({ email, password });
    },
    onSuccess: () => {
      window.location.replace('/'); // a new page: nothing of the link stays behind
    },
  });
}

function WelcomeForm({ held, token }: { held: Held; token: string }) {
  const { t } = useTranslation();
  const accepting = useAccept(token);
  const joins = held.kind === 'join';
  const errors = fieldErrors(accepting.error);
  const submit = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = joins ? (form.get('name') as string) : null;
    accepting.mutate({ name, password: form.get('password') as string });
  };
  return (
    <form onSubmit={submit} aria-label={t('welcome.title')}>
      <Stack gap="md">
        <div>
          <Title order={1} size="h3">
            {t(joins ? 'welcome.title' : 'welcome.resetTitle')}
          </Title>
          <Text c="dimmed" size="sm">
            {joins
              ? t('welcome.lead', { role: t(`role.${held.role}`) })
              : t('welcome.resetLead', { email: held.email })}
          </Text>
        </div>
        <TextInput
          label={t('people.email')}
          value={held.email}
          readOnly
          autoComplete="username"
          name="email"
        />
        {joins && (
          <TextInput
            label={t('welcome.name')}
            name="name"
            autoComplete="name"
            required
            maxLength={100}
            withAsterisk={false}
            error={errors.name}
          />
        )}
        <TextInput
          label={t('welcome.password')}
          description={t('account.hint')}
          name="password"
          type="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          error={errors.password}
        />
        {accepting.error && !isSaidAt(accepting.error, ['name', 'password']) && (
          <Alert role="alert" color="red">
            {problemText(accepting.error, t)}
          </Alert>
        )}
        <Button type="submit" loading={accepting.isPending} fullWidth>
          {t('welcome.submit')}
        </Button>
      </Stack>
    </form>
  );
}
