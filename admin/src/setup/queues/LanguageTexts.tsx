import { ActionIcon, Button, Group, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { LongTextField } from '../../app/edit/Fields';
import { useState } from 'react';

const LANGUAGE = /^[a-z]{2}(-[A-Z]{2})?$/;

/** The opening in other languages, for callers whose language is known. */
export function LanguageTexts() {
  const { t, i18n } = useTranslation();
  const { value, set } = useField('opening_in');
  const [language, setLanguage] = useState('');
  const texts = (value ?? {}) as Record<string, string>;
  const names = new Intl.DisplayNames([i18n.language], { type: 'language' });
  const usable = LANGUAGE.test(language) && !(language in texts);
  return (
    <Stack gap="xs">
      {Object.keys(texts).map((code) => (
        <Group key={code} gap="xs" wrap="nowrap" align="end">
          <Stack flex={1}>
            <LongTextField
              path={`opening_in.${code}`}
              label={t('queues.openingIn', { language: names.of(code) ?? code })}
            />
          </Stack>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={t('edit.removeOf', { name: names.of(code) ?? code })}
            onClick={() => {
              set(Object.fromEntries(Object.entries(texts).filter(([one]) => one !== code)));
            }}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Group gap="xs" align="end">
        <TextInput
          size="xs"
          label={t('queues.addLanguage')}
          placeholder="de"
          value={language}
          error={
            language !== '' && !LANGUAGE.test(language) && language.length > 1
              ? t('queues.languageHint')
              : undefined
          }
          onChange={({ currentTarget }) => {
            setLanguage(currentTarget.value);
          }}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={!usable}
          onClick={() => {
            set({ ...texts, [language]: '' });
            setLanguage('');
          }}
        >
          {t('queues.addOpening')}
        </Button>
      </Group>
    </Stack>
  );
}
