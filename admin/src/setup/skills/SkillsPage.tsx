import { EmptyBox } from '../../app/edit/EmptyBox';
import { ListState } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import { SkillTable } from './SkillTable';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import { errorAt } from '../../app/edit/problems';
import { Refusal } from '../../app/edit/Refusal';
import { useMay } from '../../app/edit/useMay';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import edits from '../../app/edit/edit.module.css';
import { skillsQuery } from '../queries';

function useSkillChange(change: (name: string) => Promise<unknown>, onDone: (name: string) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (_, name) => {
      onDone(name);
      return queries.invalidateQueries({ queryKey: ['setup', 'skills'] });
    },
  });
}

const announce = (name: string) => answerOf(api.PUT('/api/skills/{name}', { params: { path: { name } } }));
const forget = (name: string) => answerOf(api.DELETE('/api/skills/{name}', { params: { path: { name } } }));

/** What agents may be good at: who has it, and what asks for it. */
export function SkillsPage() {
  const { t } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const skills = useQuery(skillsQuery);
  const [forgotten, setForgotten] = useState<string | null>(null);
  const again = useSkillChange(announce, () => {
    setForgotten(null);
  });
  const forgetting = useSkillChange(forget, setForgotten);
  useDocumentTitle(t('skills.title'));
  return (
    <Stack gap="md">
      <PageHead title={t('skills.title')} lead={t('skills.lead')} />
      {mayEdit && <Announcing />}
      {forgetting.error && <Refusal error={forgetting.error} />}
      {again.error && <Refusal error={again.error} />}
      {forgotten && (
        <div role="status" className={edits.undo}>
          {t('edit.deleted', { name: forgotten })}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={14} />}
            onClick={() => {
              again.mutate(forgotten);
            }}
          >
            {t('edit.undo')}
          </Button>
        </div>
      )}
      <ListState query={skills} />
      {skills.data?.items.length === 0 && (
        <EmptyBox title={t('skills.emptyTitle')} text={t('skills.emptyText')} />
      )}
      {skills.data && skills.data.items.length > 0 && (
        <SkillTable skills={skills.data.items} onForget={mayEdit ? forgetting.mutate : null} />
      )}
    </Stack>
  );
}

/** Makes a skill known that nobody brings yet. */
function Announcing() {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const adding = useSkillChange(announce, () => {
    setName('');
  });
  const nameError = errorAt(adding.error, 'path.name');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate(name);
      }}
    >
      <Group align="start" gap="xs">
        <TextInput
          aria-label={t('skills.name')}
          placeholder={t('skills.name')}
          error={nameError}
          value={name}
          onChange={({ currentTarget }) => {
            setName(currentTarget.value);
          }}
        />
        <Button
          type="submit"
          leftSection={<IconPlus size={16} />}
          disabled={name === ''}
          loading={adding.isPending}
        >
          {t('skills.add')}
        </Button>
      </Group>
      {adding.error && !nameError && <Refusal error={adding.error} />}
    </form>
  );
}
