import { Anchor, Stack, TextInput, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { ProfileEditor } from './ProfileEditor';
import classes from './Profiles.module.css';
import { profilesQuery, save } from './queries';
import { BLANK, bodyOf } from './values';

/** A profile that does not exist yet. */
export function NewProfilePage() {
  const { t } = useTranslation();
  useDocumentTitle(t('profiles.new'));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  return (
    <Stack gap="md">
      <Anchor component={Link} to="/profiles" className={classes.back} size="sm">
        <IconArrowLeft size={16} aria-hidden /> {t('profiles.back')}
      </Anchor>
      <Title order={1} size="h3">
        {t('profiles.new')}
      </Title>
      <div className={classes.narrow}>
        <ProfileEditor
          start={BLANK}
          keys={null}
          name={null}
          mayEdit
          always
          saveLabel={t('profiles.create')}
          top={(error) => (
            <TextInput
              label={t('profiles.name')}
              description={t('profiles.nameHint')}
              required
              data-autofocus
              maxLength={80}
              value={name}
              error={error}
              onChange={({ currentTarget }) => {
                setName(currentTarget.value);
              }}
            />
          )}
          onSave={async (values) => {
            const made = await save(name.trim() || '-', bodyOf(values), null);
            void queries.invalidateQueries({ queryKey: profilesQuery.queryKey });
            await navigate({ to: '/profiles/$name', params: { name: made.name } });
          }}
        />
      </div>
    </Stack>
  );
}
