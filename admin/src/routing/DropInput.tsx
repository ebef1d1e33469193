import { MultiSelect, SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt, useNames } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { text } from './words';

/** Which required skills a call is to do without from now on: all, or some. */
export function DropInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const some = Array.isArray(value) ? value.map(text) : null;
  const names = useNames('skills', some ?? []);
  const error = useErrorAt(path, true);
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      <SegmentedControl
        aria-label={label}
        size="xs"
        className={classes.start}
        value={some ? 'some' : 'all'}
        readOnly={readOnly}
        data={[
          { value: 'all', label: t('routing.dropAll') },
          { value: 'some', label: t('routing.dropSome') },
        ]}
        onChange={(choice) => {
          onChange(choice === 'all' ? 'all' : []);
        }}
      />
      {some && (
        <MultiSelect
          aria-label={t('routing.dropSome')}
          size="xs"
          data={names}
          value={some}
          searchable
          readOnly={readOnly}
          error={error}
          onChange={onChange}
        />
      )}
    </div>
  );
}
