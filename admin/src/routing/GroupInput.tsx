import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { WhenForm } from './WhenForm';
import { list, record } from './words';

/** Conditions within a condition: all, any or none of them. */
export function GroupInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path);
  const parts = list(value).map(record);
  return (
    <div role="group" aria-label={label} className={classes.group}>
      {parts.map((part, place) => (
        <div key={place} className={classes.part}>
          <div className={classes.row}>
            <div className={classes.grows}>
              <WhenForm
                label={t('routing.partOf', { place: place + 1, group: label })}
                when={part}
                path={`${path}.${place}`}
                onChange={(changed) => {
                  onChange(parts.with(place, { ...changed }));
                }}
              />
            </div>
            {!readOnly && parts.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('routing.removePart', { place: place + 1, group: label })}
                onClick={() => {
                  onChange(parts.toSpliced(place, 1));
                }}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </div>
        </div>
      ))}
      {error && <p className={classes.error}>{error}</p>}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.start}
          leftSection={<IconPlus size={12} />}
          onClick={() => {
            onChange([...parts, {}]);
          }}
        >
          {t('routing.addPart')}
        </Button>
      )}
    </div>
  );
}
