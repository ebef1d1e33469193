import { Button, Group, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { problemText } from '../app/problemText';
import { profilesQuery, remove } from './queries';
import { Dialog } from '../app/Dialog';

/** Deleting asks once more; what still uses the profile is named. */
export function DeleteProfile({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const gone = useMutation({
    mutationFn: () => remove(profile.name, profile.etag),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: profilesQuery.queryKey });
      await navigate({ to: '/profiles' });
    },
  });
  const close = () => {
    setAsked(false);
    gone.reset();
  };
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        size="xs"
        leftSection={<IconTrash size={16} />}
        onClick={() => {
          setAsked(true);
        }}
      >
        {t('profiles.delete')}
      </Button>
      <Dialog opened={asked} onClose={close} title={t('profiles.delete')}>
        <Text size="sm">{t('profiles.deleteSure', { name: profile.name })}</Text>
        {gone.error && (
          <Text role="alert" size="sm" c="red" mt="sm">
            {problemText(gone.error, t)}
          </Text>
        )}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t('profiles.cancel')}
          </Button>
          <Button
            color="red"
            loading={gone.isPending}
            onClick={() => {
              gone.mutate();
            }}
          >
            {t('profiles.deleteYes')}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
