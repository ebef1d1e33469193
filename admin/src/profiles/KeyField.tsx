import { Button, Group, PasswordInput, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { problemText } from '../app/problemText';
import { useMay } from './may';
import classes from './Profiles.module.css';
import { forgetKey, type Part, setKey } from './queries';
import { fieldErrors } from './values';

interface Props {
  name: string;
  part: Part;
  kept: Profile['keys'][Part];
  /** The address was changed and not saved: a key would belong to the old one. */
  moved: boolean;
}

/** A model's key: written, never read. */
export function KeyField({ name, part, kept, moved }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const mayEdit = useMay('edit_setup');
  const [text, setText] = useState<string | null>(null);
  const onSuccess = async () => {
    setText(null);
    await queries.invalidateQueries({ queryKey: ['profile', name, 'now'] });
  };
  const keep = useMutation({ mutationFn: (key: string) => setKey(name, part, key), onSuccess });
  const forget = useMutation({ mutationFn: () => forgetKey(name, part), onSuccess });
  const failed = keep.error ?? forget.error;
  return (
    <div className={classes.key}>
      <Group gap="sm">
        <Text size="sm">
          <strong>{t('profiles.fields.key')}</strong> <KeyWords kept={kept} />
        </Text>
        {mayEdit && text === null && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setText('');
            }}
            disabled={moved}
          >
            {t(kept ? 'profiles.key.replace' : 'profiles.key.enter')}
          </Button>
        )}
        {mayEdit && kept && text === null && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            onClick={() => {
              forget.mutate();
            }}
          >
            {t('profiles.key.forget')}
          </Button>
        )}
      </Group>
      {moved && mayEdit && (
        <Text size="xs" c="dimmed">
          {t('profiles.key.saveFirst')}
        </Text>
      )}
      {text !== null && (
        <KeyEntry
          part={part}
          text={text}
          busy={keep.isPending}
          error={failed ? (fieldErrors(failed).key ?? problemText(failed, t)) : undefined}
          onText={setText}
          onKeep={() => {
            keep.mutate(text);
          }}
        />
      )}
    </div>
  );
}

interface EntryProps {
  part: Part;
  text: string;
  busy: boolean;
  error: string | undefined;
  /** null: not entered after all. */
  onText: (text: string | null) => void;
  onKeep: () => void;
}

function KeyEntry({ part, text, busy, error, onText, onKeep }: EntryProps) {
  const { t } = useTranslation();
  return (
    <Group align="flex-start" gap="xs" mt="xs">
      <PasswordInput
        className={classes.keyInput}
        label={t('profiles.key.new', { part: t(`profiles.parts.${part}`) })}
        description={t('profiles.key.hint')}
        autoComplete="off"
        value={text}
        error={error}
        onChange={({ currentTarget }) => {
          onText(currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            onKeep();
          }
          if (event.key === 'Escape') onText(null);
        }}
      />
      <Group gap="xs" className={classes.keyButtons}>
        <Button size="xs" loading={busy} onClick={onKeep}>
          {t('profiles.key.keep')}
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onText(null);
          }}
        >
          {t('profiles.cancel')}
        </Button>
      </Group>
    </Group>
  );
}

function KeyWords({ kept }: { kept: Profile['keys'][Part] }) {
  const { t } = useTranslation();
  if (!kept) return t('profiles.key.none');
  const set = kept.ends_in ? t('profiles.key.setEndsIn', { end: kept.ends_in }) : t('profiles.key.set');
  return kept.used ? set : `${set} · ${t('profiles.key.unused')}`;
}
