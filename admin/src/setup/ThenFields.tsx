import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useField } from '../app/edit/EditContext';
import { FieldRow } from '../app/edit/FieldGroup';
import { ChoiceField, LongTextField } from '../app/edit/Fields';
import { soundsQuery } from './queries';
import { ToQueueFields } from './ToQueueFields';

const ACTIONS = ['reject', 'message', 'queue'] as const;
type ActionName = (typeof ACTIONS)[number];

const FRESH: Record<ActionName, object> = {
  reject: { action: 'reject' },
  message: { action: 'message', text: '', audio: null, outcome: 'refused' },
  queue: {
    action: 'queue',
    queue: '',
    profile: null,
    priority: 0,
    required_skills: [],
    preferred_skills: [],
    prefer_seconds: 30,
    fallbacks: [],
  },
};

/** What becomes of a call that there is no room for: refused, told a sentence, or sent to another queue. */
export function ThenFields({ path, label, hint }: { path: string; label: string; hint?: string }) {
  const { t } = useTranslation();
  const { value, set } = useField(path);
  const action = (value as { action?: ActionName } | undefined)?.action ?? 'reject';
  return (
    <>
      <Select
        label={label}
        description={hint}
        data={ACTIONS.map((name) => ({ value: name, label: t(`then.${name}`) }))}
        value={action}
        allowDeselect={false}
        onChange={(next) => {
          set(FRESH[next ?? 'reject']);
        }}
      />
      {action === 'message' && <MessageFields path={path} />}
      {action === 'queue' && <ToQueueFields path={path} />}
    </>
  );
}

function MessageFields({ path }: { path: string }) {
  const { t } = useTranslation();
  const sounds = useQuery(soundsQuery);
  const messages = sounds.data?.items.filter(({ kind }) => kind === 'message').map(({ name }) => name) ?? [];
  return (
    <>
      <LongTextField path={`${path}.text`} label={t('then.text')} />
      <FieldRow>
        <ChoiceField
          path={`${path}.audio`}
          label={t('then.audio')}
          hint={t('then.audioHint')}
          choices={messages}
          clearable
        />
        <ChoiceField
          path={`${path}.outcome`}
          label={t('then.outcome')}
          choices={[
            { value: 'refused', label: t('then.refused') },
            { value: 'completed', label: t('then.completed') },
          ]}
        />
      </FieldRow>
    </>
  );
}
