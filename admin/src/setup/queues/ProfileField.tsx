import { Autocomplete } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { useProfiles } from '../useProfiles';

/** The profile that serves: one that other queues use, or any other name, which the server knows or refuses. */
export function ProfileField() {
  const { t } = useTranslation();
  const { value, error, set } = useField('profile');
  return (
    <Autocomplete
      label={t('queues.field.profile')}
      description={t('queues.profileHint')}
      error={error}
      data={useProfiles()}
      value={typeof value === 'string' ? value : ''}
      onChange={set}
    />
  );
}
