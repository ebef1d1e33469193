import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt } from './desk';
import { FieldInput } from './FieldInput';
import classes from './Forms.module.css';
import { actionOf, fieldsOf, RULE_ACTIONS } from './kinds';
import { type Action, type AnyActionName, withField } from './rules';

interface Props {
  label: string;
  action: Action;
  onChange: (action: Action) => void;
  path: string;
  offered?: readonly AnyActionName[];
}

/** What happens with the call: which action, and its fields. */
export function ActionForm({ label, action, onChange, path, offered = RULE_ACTIONS }: Props) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const wide = new Set(['text', 'options', 'action', 'fallbacks', 'drop']);
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      <Select
        label={label}
        size="xs"
        className={classes.kind}
        data={offered.map((name) => ({ value: name, label: t(`routing.action.${name}`) }))}
        value={action.action}
        allowDeselect={false}
        readOnly={readOnly}
        error={useErrorAt(path)}
        onChange={(name) => {
          if (name && name !== action.action) onChange(actionOf(name, action));
        }}
      />
      <div className={classes.fields}>
        {fieldsOf(action.action).map(([name, field]) => (
          <div key={`${action.action} ${name}`} className={wide.has(field.shape) ? classes.wide : undefined}>
            <FieldInput
              field={field}
              label={t(`routing.field.${name}`)}
              path={`${path}.${name}`}
              value={action[name]}
              onChange={(value) => {
                onChange(withField(action, name, value));
              }}
            />
          </div>
        ))}
      </div>
    </div>
  );
}
