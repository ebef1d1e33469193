import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { Panel } from './Panel';
import classes from './Panels.module.css';

/** Which rule decided about the call, and why. */
export function RoutingPanel({ call: { routing } }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Panel
      title={t('call.routing')}
      aside={
        routing.rule_set_version !== null && (
          <Text size="xs" c="dimmed">
            {t('call.ruleSet')} {t('call.version', { version: routing.rule_set_version })}
          </Text>
        )
      }
    >
      {routing.rule !== null || routing.trace.length > 0 ? (
        <div className={classes.body}>
          <Text size="sm" fw={550}>
            {t('call.rule')}: {routing.rule ?? t('call.noRule')}
          </Text>
          <ol className={classes.trace} aria-label={t('call.trace')}>
            {routing.trace.map((step, place) => (
              <li key={place}>{step}</li>
            ))}
          </ol>
        </div>
      ) : (
        <Text c="dimmed" size="sm" p="md">
          {t('call.routingNone')}
        </Text>
      )}
    </Panel>
  );
}
