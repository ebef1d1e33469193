import { Alert, Button, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { Brand } from '../app/Brand';
import { Preferences } from '../app/Preferences';
import { problemText } from '../app/problemText';
import { useDocumentTitle } from '../app/useDocumentTitle';
import classes from './SignInPage.module.css';
import { safeNext, sessionQuery, signIn } from './session';

function useSignIn() {
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  return useMutation({
    mutationFn: signIn,
    onSuccess: (user) => {
      queries.setQueryData(sessionQuery.queryKey, user);
      router.history.push(safeNext(next));
    },
  });
}

export function SignInPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('session.title'));
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <Preferences />
      </header>
      <main className={classes.main}>
        <Paper withBorder shadow="sm" radius="lg" p="xl" className={classes.card}>
          <Title order={1} size="h3">
            {t('session.title')}
          </Title>
          <Text c="dimmed" size="sm" mb="lg">
            {t('session.lead')}
          </Text>
          <SignInForm />
        </Paper>
      </main>
    </div>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const signingIn = useSignIn();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => email.current?.focus(), []);

  const submit = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signingIn.mutate(
      { email: form.get('email') as string, password: form.get('password') as string },
      { onError: () => password.current?.select() },
    );
  };

  return (
    <form onSubmit={submit} aria-label={t('session.title')}>
      <Stack gap="md">
        <TextInput
          ref={email}
          name="email"
          type="email"
          label={t('session.email')}
          autoComplete="username"
          required
          withAsterisk={false}
        />
        <TextInput
          ref={password}
          name="password"
          type="password"
          label={t('session.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        {signingIn.error && (
          <Alert role="alert" color="red" icon={<IconAlertCircle />}>
            {isRefusal(signingIn.error) ? t('session.refused') : problemText(signingIn.error, t)}
          </Alert>
        )}
        <Button type="submit" loading={signingIn.isPending} fullWidth>
          {t('session.submit')}
        </Button>
      </Stack>
    </form>
  );
}

function isRefusal(error: Error): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
