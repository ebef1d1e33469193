import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Invariant } from '../api/shapes';
import { Panel } from '../calls/Panel';
import classes from './RulePanel.module.css';
import { unseenOf } from './summary';

/** One promise in words, how often it was broken, and in which calls. */
export function RulePanel({ rule }: { rule: Invariant }) {
  const { t } = useTranslation();
  const unseen = unseenOf(rule);
  return (
    <Panel
      title={rule.name}
      aside={
        <span className={classes.count} data-broken={rule.violations > 0}>
          {t('invariants.violations', { count: rule.violations })}
        </span>
      }
    >
      <Text size="sm" px="md" py="sm">
        {rule.promise}
      </Text>
      {rule.examples.length > 0 && (
        <ul className={classes.examples} aria-label={t('invariants.examples', { rule: rule.name })}>
          {rule.examples.map(({ call_id, detail }) => (
            <li key={`${call_id} ${detail}`}>
              <Link to="/calls/$callId" params={{ callId: call_id }} className={classes.call}>
                {call_id}
              </Link>
              <span>{detail}</span>
            </li>
          ))}
          {unseen > 0 && <li className={classes.unseen}>{t('invariants.more', { count: unseen })}</li>}
        </ul>
      )}
    </Panel>
  );
}
