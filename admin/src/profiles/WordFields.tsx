import { Autocomplete, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Profiles.module.css';
import type { ProfileForm } from './ProfileEditor';

/** OpenAI's voices (platform.openai.com/docs/guides/text-to-speech); other servers have others. */
const VOICES = [
  'alloy',
  'ash',
  'ballad',
  'coral',
  'echo',
  'fable',
  'nova',
  'onyx',
  'sage',
  'shimmer',
  'verse',
];

export function WordFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  return (
    <>
      <Textarea
        label={t('profiles.fields.instructions')}
        description={t('profiles.fields.instructionsHint')}
        required
        autosize
        minRows={6}
        maxRows={22}
        {...form.getInputProps('instructions')}
      />
      <TextInput label={t('profiles.fields.greeting')} required {...form.getInputProps('greeting')} />
      <TextInput label={t('profiles.fields.goodbye')} {...form.getInputProps('goodbye')} />
      <TextInput label={t('profiles.fields.not_understood')} {...form.getInputProps('not_understood')} />
    </>
  );
}

export function SoundFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  return (
    <div className={classes.two}>
      <TextInput
        label={t('profiles.fields.language')}
        description={t('profiles.fields.languageHint')}
        required
        {...form.getInputProps('language')}
      />
      <Autocomplete
        label={t('profiles.fields.voice')}
        description={t('profiles.fields.voiceHint')}
        required
        data={VOICES}
        {...form.getInputProps('voice')}
      />
    </div>
  );
}
