import { Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldRow } from '../../app/edit/FieldGroup';
import { errorAt } from '../../app/edit/problems';
import type { NewSound } from './upload';

interface Props {
  about: NewSound;
  error: Error | null;
  onChange: (about: NewSound) => void;
  children: ReactNode;
}

/** What a new sound is called, what it is, and which language it speaks. */
export function AboutFields({ about, error, onChange, children }: Props) {
  const { t } = useTranslation();
  return (
    <FieldRow>
      <TextInput
        label={t('edit.name')}
        error={errorAt(error, 'query.name') ?? errorAt(error, 'name')}
        value={about.name}
        onChange={({ currentTarget }) => {
          onChange({ ...about, name: currentTarget.value });
        }}
      />
      <Select
        label={t('sounds.kindLabel')}
        data={(['message', 'music'] as const).map((value) => ({
          value,
          label: t(`sounds.kind.${value}`),
        }))}
        value={about.kind}
        allowDeselect={false}
        onChange={(kind) => {
          onChange({ ...about, kind: kind ?? 'message' });
        }}
      />
      <TextInput
        label={t('sounds.language')}
        placeholder="de"
        error={errorAt(error, 'query.language') ?? errorAt(error, 'language')}
        value={about.language ?? ''}
        onChange={({ currentTarget }) => {
          onChange({ ...about, language: currentTarget.value === '' ? null : currentTarget.value });
        }}
      />
      {children}
    </FieldRow>
  );
}
