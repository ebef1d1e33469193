import { ActionIcon, Button, NumberInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ActionForm } from './ActionForm';
import { useDesk, useErrorAt } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { type FallbackName, withField } from './rules';
import { isAction } from './tree';
import { list, record } from './words';

/** What happens to a call that is still in line after so many seconds. */
export function FallbacksInput({
  label,
  value,
  onChange,
  path,
  offered,
}: InputProps & { offered: readonly FallbackName[] }) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path);
  const steps = list(value).map(record);
  const set = (changed: Record<string, unknown>[]) => {
    onChange(changed.length > 0 ? changed : undefined);
  };
  const last = steps.at(-1)?.after_seconds;
  const add = () => {
    const after = typeof last === 'number' ? last + 60 : 60;
    set([...steps, { after_seconds: after, then: { action: 'voicemail', box: '' } }]);
  };
  return (
    <fieldset className={classes.fieldset}>
      <legend>{label}</legend>
      {steps.map((step, place) => (
        <FallbackForm
          key={place}
          step={step}
          offered={offered}
          path={`${path}.${place}`}
          onChange={(changed) => {
            set(steps.flatMap((each, index) => (index === place ? (changed ? [changed] : []) : [each])));
          }}
        />
      ))}
      {steps.length === 0 && <p className={classes.hint}>{t('routing.noFallbacks')}</p>}
      {error && <p className={classes.error}>{error}</p>}
      {!readOnly && (
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={12} />} onClick={add}>
          {t('routing.addFallback')}
        </Button>
      )}
    </fieldset>
  );
}

interface FallbackProps {
  step: Record<string, unknown>;
  offered: readonly FallbackName[];
  path: string;
  onChange: (step: Record<string, unknown> | null) => void;
}

function FallbackForm({ step, offered, path, onChange }: FallbackProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const whole = useErrorAt(path);
  return (
    <div className={classes.part}>
      <div className={classes.row}>
        <NumberInput
          label={t('routing.afterSeconds')}
          size="xs"
          min={1}
          max={86_400}
          value={typeof step.after_seconds === 'number' ? step.after_seconds : ''}
          readOnly={readOnly}
          error={useErrorAt(`${path}.after_seconds`)}
          onChange={(seconds) => {
            onChange(withField(step, 'after_seconds', seconds === '' ? undefined : Number(seconds)));
          }}
        />
        <span className={classes.grows} />
        {!readOnly && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('routing.removeFallback', { seconds: Number(step.after_seconds) || 0 })}
            onClick={() => {
              onChange(null);
            }}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {whole && <p className={classes.error}>{whole}</p>}
      {isAction(step.then) && (
        <ActionForm
          label={t('routing.then')}
          action={step.then}
          offered={offered}
          path={`${path}.then`}
          onChange={(then) => {
            onChange({ ...step, then });
          }}
        />
      )}
    </div>
  );
}
