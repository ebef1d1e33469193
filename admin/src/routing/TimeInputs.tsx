import { Chip, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { DAYS, list, record, text } from './words';

const ZONES = Intl.supportedValuesOf('timeZone');

export function WeekdayInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const days = useErrorAt(`${path}.days`, true);
  const zone = useErrorAt(`${path}.zone`);
  const given = record(value);
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      <Chip.Group
        multiple
        value={list(given.days).map(text)}
        onChange={(chosen) => {
          if (!readOnly) onChange({ ...given, days: DAYS.filter((day) => chosen.includes(day)) });
        }}
      >
        <Group gap={4}>
          {DAYS.map((day) => (
            <Chip key={day} value={day} size="xs" variant="outline">
              {t(`routing.day.${day}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {days && <p className={classes.error}>{days}</p>}
      <Select
        label={t('routing.zone')}
        size="xs"
        data={[...new Set([...ZONES, text(given.zone)])].filter(Boolean)}
        value={text(given.zone) || null}
        searchable
        limit={50}
        allowDeselect={false}
        readOnly={readOnly}
        error={zone}
        onChange={(chosen) => {
          onChange({ ...given, zone: chosen ?? '' });
        }}
      />
    </div>
  );
}

export function ShareInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const given = record(value);
  return (
    <div role="group" aria-label={label} className={classes.row}>
      <NumberInput
        label={t('routing.percent')}
        size="xs"
        min={0}
        max={100}
        suffix=" %"
        value={typeof given.percent === 'number' ? given.percent : ''}
        readOnly={readOnly}
        error={useErrorAt(`${path}.percent`)}
        onChange={(percent) => {
          onChange({ ...given, percent: percent === '' ? null : Number(percent) });
        }}
      />
      <TextInput
        label={t('routing.shareName')}
        description={t('routing.shareHint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        size="xs"
        className={classes.grows}
        value={text(given.of)}
        readOnly={readOnly}
        error={useErrorAt(`${path}.of`)}
        onChange={({ currentTarget }) => {
          onChange({ ...given, of: currentTarget.value });
        }}
      />
    </div>
  );
}
