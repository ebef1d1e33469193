import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { spanOf } from './weekHours';

interface Props {
  label: string;
  placeholder?: string;
  spans: readonly string[];
  onChange: (spans: string[]) => void;
}

/** Hours as text, to the minute: "08:00-12:00, 13:15-18:00". What is no span yet stays in the field, marked. */
export function SpansInput({ label, placeholder, spans, onChange }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const parts = (typed ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const wrong = parts.find((part) => spanOf(part.replace('–', '-')) === null);
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      error={wrong === undefined ? undefined : t('calendars.noSpan', { text: wrong })}
      value={typed ?? spans.join(', ')}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        const next = currentTarget.value
          .split(',')
          .map((part) => part.trim().replace('–', '-'))
          .filter((part) => part !== '');
        if (next.every((part) => spanOf(part) !== null)) onChange(next);
      }}
      onBlur={() => {
        if (wrong === undefined) setTyped(null);
      }}
    />
  );
}
