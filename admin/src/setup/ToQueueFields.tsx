import { NumberInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { entriesQuery } from '../app/edit/collection';
import { useField } from '../app/edit/EditContext';
import { FieldRow } from '../app/edit/FieldGroup';
import { ChoiceField, NumberField, TagsField } from '../app/edit/Fields';
import { queueCollection, skillsQuery } from './queries';
import { useProfiles } from './useProfiles';

/** Another queue, and how a call stands in its line. Fallbacks that somebody set over the API are kept. */
export function ToQueueFields({ path }: { path: string }) {
  const { t } = useTranslation();
  const queues = useQuery(entriesQuery(queueCollection));
  const skills = useQuery(skillsQuery);
  const offered = skills.data?.items.map(({ name }) => name) ?? [];
  const { value: fallbacks } = useField(`${path}.fallbacks`);
  const kept = Array.isArray(fallbacks) ? fallbacks.length : 0;
  return (
    <>
      <FieldRow>
        <ChoiceField
          path={`${path}.queue`}
          label={t('then.toQueue')}
          choices={(queues.data ?? []).map(({ name }) => name)}
        />
        <ChoiceField
          path={`${path}.profile`}
          label={t('then.profile')}
          hint={t('then.ownProfile')}
          choices={useProfiles()}
          clearable
        />
        <Priority path={`${path}.priority`} />
      </FieldRow>
      <FieldRow>
        <TagsField path={`${path}.required_skills`} label={t('then.requiredSkills')} offered={offered} />
        <TagsField path={`${path}.preferred_skills`} label={t('then.preferredSkills')} offered={offered} />
        <NumberField
          path={`${path}.prefer_seconds`}
          label={t('then.preferSeconds')}
          suffix={t('edit.seconds')}
        />
      </FieldRow>
      {kept > 0 && (
        <Text size="xs" c="dimmed">
          {t('then.fallbacks', { count: kept })}
        </Text>
      )}
    </>
  );
}

/** It may be below zero, unlike other figures. */
function Priority({ path }: { path: string }) {
  const { t } = useTranslation();
  const { value, error, set } = useField(path);
  return (
    <NumberInput
      label={t('then.priority')}
      error={error}
      allowDecimal={false}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => {
        set(typeof next === 'number' ? next : null);
      }}
    />
  );
}
