import { Button, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { RowActs } from '../app/edit/RowActs';
import { useRows } from '../app/edit/useRows';
import type { ProfileForm } from './ProfileEditor';
import classes from './Profiles.module.css';

const MOST = 20; // callcenter/setup/profiles/rules.py

/** What the agent notes while a human leads, in the order in which the desk shows it. */
export function NotedFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  const { fields } = form.values;
  const box = useRef<HTMLDivElement>(null);
  const rows = useRows(box);
  return (
    <div className={classes.noted} ref={box}>
      <Text size="sm" c="dimmed">
        {t('profiles.noted.lead')}
      </Text>
      {fields.length === 0 && <Text size="sm">{t('profiles.noted.none')}</Text>}
      <ol aria-label={t('profiles.sections.noted')}>
        {fields.map(({ name }, place) => (
          <li key={place} data-row={place} className={classes.notedRow}>
            <TextInput
              aria-label={t('profiles.noted.nameOf', { number: place + 1 })}
              placeholder={t('profiles.noted.name')}
              maxLength={80}
              {...form.getInputProps(`fields.${place}.name`)}
            />
            <TextInput
              aria-label={t('profiles.noted.descriptionOf', { number: place + 1 })}
              placeholder={t('profiles.noted.description')}
              maxLength={300}
              {...form.getInputProps(`fields.${place}.description`)}
            />
            <RowActs
              name={name || t('profiles.noted.field', { number: place + 1 })}
              place={place}
              count={fields.length}
              onMove={(by) => {
                form.reorderListItem('fields', { from: place, to: place + by });
                rows.moved(place + by, by);
              }}
              onRemove={() => {
                form.removeListItem('fields', place);
                rows.removed(place);
              }}
            />
          </li>
        ))}
      </ol>
      {form.errors.fields && (
        <Text size="sm" c="red">
          {form.errors.fields}
        </Text>
      )}
      <div>
        <Button
          size="xs"
          variant="default"
          data-act="add"
          leftSection={<IconPlus size={14} />}
          disabled={fields.length >= MOST}
          onClick={() => {
            form.insertListItem('fields', { name: '', description: '' });
            rows.added(fields.length);
          }}
        >
          {t('profiles.noted.add')}
        </Button>
      </div>
    </div>
  );
}
