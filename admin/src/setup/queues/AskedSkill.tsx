import { Autocomplete } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { useMay } from '../../app/edit/useMay';
import { supervisorsQuery } from '../../people/queries';

/** The skill of the supervisors who are asked; one that nobody has means that nobody is. */
export function AskedSkill() {
  const { t } = useTranslation();
  const { value, error, set } = useField('supervisors.skill');
  const supervisors = useQuery({ ...supervisorsQuery, enabled: useMay('supervise') });
  const skill = typeof value === 'string' ? value : '';
  const known = [...new Set(supervisors.data?.flatMap(({ skills }) => skills))].sort();
  const nobody = supervisors.data && skill !== '' && !known.includes(skill);
  return (
    <Autocomplete
      label={t('queues.askSkill')}
      description={t(nobody ? 'queues.askSkillOfNobody' : 'queues.askSkillHint')}
      placeholder={t('queues.anySkill')}
      error={error}
      data={known}
      value={skill}
      onChange={(next) => {
        set(next === '' ? null : next);
      }}
    />
  );
}
