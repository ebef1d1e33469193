import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt } from './desk';
import { FieldInput } from './FieldInput';
import classes from './Forms.module.css';
import { CONDITION_GROUPS, CONDITIONS } from './kinds';
import { type ConditionKind, type When, withField } from './rules';
import { kindsIn } from './words';

interface Props {
  label: string;
  when: When;
  onChange: (when: When) => void;
  path: string;
}

/** Everything that must be true of a call, a row for each condition. */
export function WhenForm({ label, when, onChange, path }: Props) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path);
  const kinds = kindsIn(when);
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      {kinds.length === 0 && <p className={classes.hint}>{t('routing.always')}</p>}
      {kinds.map((kind) => (
        <div key={kind} className={classes.condition}>
          <span className={classes.conditionName}>{t(`routing.kind.${kind}`)}</span>
          <div className={classes.conditionValue}>
            <FieldInput
              field={CONDITIONS[kind]}
              label={t(`routing.kind.${kind}`)}
              path={`${path}.${kind}`}
              value={when[kind]}
              onChange={(value) => {
                onChange(withField(when, kind, value));
              }}
            />
          </div>
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('routing.removeCondition', { kind: t(`routing.kind.${kind}`) })}
              onClick={() => {
                onChange(withField(when, kind, undefined));
              }}
            >
              <IconX size={14} />
            </ActionIcon>
          )}
        </div>
      ))}
      {error && <p className={classes.error}>{error}</p>}
      {!readOnly && (
        <AddCondition
          taken={kinds}
          onAdd={(kind) => {
            onChange(withField(when, kind, CONDITIONS[kind].starts));
          }}
        />
      )}
    </div>
  );
}

function AddCondition({ taken, onAdd }: { taken: ConditionKind[]; onAdd: (kind: ConditionKind) => void }) {
  const { t } = useTranslation();
  const groups = Object.entries(CONDITION_GROUPS) as [
    keyof typeof CONDITION_GROUPS,
    readonly ConditionKind[],
  ][];
  return (
    <Menu position="bottom-start" width={260} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.start}
          leftSection={<IconPlus size={12} />}
        >
          {t('routing.addCondition')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} className={classes.menu}>
        {groups.map(([group, kinds]) => (
          <div key={group}>
            <Menu.Label>{t(`routing.about.${group}`)}</Menu.Label>
            {kinds.map((kind) => (
              <Menu.Item
                key={kind}
                disabled={taken.includes(kind)}
                onClick={() => {
                  onAdd(kind);
                }}
              >
                {t(`routing.kind.${kind}`)}
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
