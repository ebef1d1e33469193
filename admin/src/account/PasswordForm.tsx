import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { problemText } from '../app/problemText';
import { fieldErrors, isSaidAt } from '../people/fieldErrors';

const FIELDS = ['current', 'new'];

export function PasswordForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const changing = useMutation({
    mutationFn: (passwords: { current: string; new: string }) =>
      answerOf(api.PUT('/api/session/password', { body: passwords })),
    onSuccess: () => {
      form.current?.reset();
      void queries.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const errors = fieldErrors(changing.error);
  const submit = (event: React.SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    changing.mutate({ current: given.get('current') as string, new: given.get('new') as string });
  };
  return (
    <form ref={form} onSubmit={submit} aria-label={t('account.password')}>
      <Stack gap="md" p="md">
        <TextInput
          label={t('account.current')}
          name="current"
          type="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          error={errors.current}
        />
        <TextInput
          label={t('account.new')}
          description={t('account.hint')}
          name="new"
          type="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          error={errors.new}
        />
        {changing.error && !isSaidAt(changing.error, FIELDS) && (
          <Alert role="alert" color="red">
            {problemText(changing.error, t)}
          </Alert>
        )}
        {changing.isSuccess && (
          <Alert role="status" color="teal">
            {t('account.changed')}
          </Alert>
        )}
        <Button type="submit" loading={changing.isPending}>
          {t('account.change')}
        </Button>
      </Stack>
    </form>
  );
}
