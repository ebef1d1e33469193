import { TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { entriesQuery } from '../app/edit/collection';
import { queueCollection } from '../setup/queries';
import { supervisorsQuery } from './queries';

interface Props {
  skills: string[];
  error?: string | undefined;
  onSkills: (skills: string[]) => void;
}

/** What a supervisor may be asked for. Offered is what others have and what queues ask for. */
export function SkillsField({ skills, error, onSkills }: Props) {
  const { t } = useTranslation();
  const queues = useQuery(entriesQuery(queueCollection));
  const supervisors = useQuery(supervisorsQuery);
  const wanted = queues.data?.flatMap((queue) => queue.supervisors.skill ?? []) ?? [];
  const had = supervisors.data?.flatMap((each) => each.skills) ?? [];
  return (
    <TagsInput
      label={t('people.skills')}
      description={t('people.skillsHint')}
      error={error}
      data={[...new Set([...wanted, ...had])].sort()}
      value={skills}
      onChange={onSkills}
    />
  );
}
