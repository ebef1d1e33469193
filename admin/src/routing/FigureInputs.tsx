import { NumberInput, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt, useNames } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { withField } from './rules';
import { FIGURES, record, text } from './words';

/** A figure from one on and below another; either may be left out. */
export function BetweenInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path, true);
  const given = record(value);
  const bound = (side: 'at_least' | 'below') => (
    <NumberInput
      aria-label={`${label}: ${t(`routing.bound.${side}`)}`}
      placeholder={t(`routing.bound.${side}`)}
      size="xs"
      min={0}
      value={typeof given[side] === 'number' ? given[side] : ''}
      readOnly={readOnly}
      error={error !== null}
      onChange={(figure) => {
        onChange(withField(given, side, figure === '' ? undefined : Number(figure)));
      }}
    />
  );
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      <div className={classes.row}>
        {bound('at_least')}
        <span className={classes.dash}>–</span>
        {bound('below')}
      </div>
      {error && <p className={classes.error}>{error}</p>}
    </div>
  );
}

/** How a queue stands: its name, and what of its figures is to be judged. */
export function FiguresInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const given = record(value);
  const whole = useErrorAt(path);
  const names = useNames('queues', [text(given.name)]);
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      <Select
        label={t('routing.kind.queue')}
        size="xs"
        data={names}
        value={text(given.name) || null}
        placeholder={t('routing.choose')}
        searchable
        readOnly={readOnly}
        error={useErrorAt(`${path}.name`)}
        onChange={(name) => {
          onChange({ ...given, name: name ?? '' });
        }}
      />
      {FIGURES.map((figure) => (
        <div key={figure} className={classes.figure}>
          <span className={classes.figureName}>{t(`routing.figure.${figure}`)}</span>
          <BetweenInput
            label={t(`routing.figure.${figure}`)}
            path={`${path}.${figure}`}
            value={given[figure]}
            onChange={(between) => {
              const empty = Object.keys(record(between)).length === 0;
              onChange(withField(given, figure, empty ? undefined : between));
            }}
          />
        </div>
      ))}
      {whole && <p className={classes.error}>{whole}</p>}
    </div>
  );
}
