import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { KeyField } from './KeyField';
import type { ProfileForm } from './ProfileEditor';
import classes from './Profiles.module.css';
import { PARTS } from './queries';
import type { Values } from './values';

interface Props {
  form: ProfileForm;
  keys: Profile['keys'] | null;
  name: string | null;
  saved: Values;
}

export function ModelFields({ form, keys, name, saved }: Props) {
  const { t } = useTranslation();
  return PARTS.map((part) => (
    <fieldset key={part} className={classes.part}>
      <legend>{t(`profiles.parts.${part}`)}</legend>
      <div className={classes.two}>
        <TextInput
          label={t('profiles.fields.model')}
          required
          spellCheck={false}
          {...form.getInputProps(`${part}.model`)}
        />
        <TextInput
          label={t('profiles.fields.base_url')}
          placeholder={t('profiles.fields.base_urlHint')}
          type="url"
          spellCheck={false}
          {...form.getInputProps(`${part}.base_url`)}
        />
      </div>
      <TextInput
        className={classes.variable}
        label={t('profiles.fields.api_key_env')}
        placeholder={t('profiles.fields.api_key_envHint')}
        spellCheck={false}
        autoComplete="off"
        {...form.getInputProps(`${part}.api_key_env`)}
      />
      {keys !== null && name !== null && (
        <KeyField
          name={name}
          part={part}
          kept={keys[part]}
          moved={form.values[part].base_url !== saved[part].base_url}
        />
      )}
    </fieldset>
  ));
}
