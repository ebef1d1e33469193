import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../app/problemText';
import { type Trial, tryCall } from './queries';
import classes from './Routing.module.css';
import { type KeyedRule, plain } from './rules';
import { callOf, NO_CALL, type TriedFields } from './tried';
import { TryForm } from './TryForm';
import { actionWords } from './words';
import { isAction } from './tree';
import { Tag } from './Tag';

/** A call that is not made: what the rules on this page, saved or not, would do with it, and why. */
export function TryPanel({ rules }: { rules: readonly KeyedRule[] }) {
  const { t } = useTranslation();
  const [fields, setFields] = useState<TriedFields>(NO_CALL);
  const trying = useMutation({ mutationFn: () => tryCall(plain(rules), callOf(fields)) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        trying.mutate();
      }}
    >
      <Stack gap="xs">
        <TryForm fields={fields} onChange={setFields} />
        <Button type="submit" size="xs" loading={trying.isPending} disabled={fields.to === ''}>
          {t('routing.tryIt')}
        </Button>
        {trying.error && (
          <Alert color="red" role="alert" py="xs">
            <Text size="xs">{problemText(trying.error, t)}</Text>
          </Alert>
        )}
        {trying.data && <Outcome trial={trying.data} />}
      </Stack>
    </form>
  );
}

function Outcome({ trial: { rule, decision, trace, remarks } }: { trial: Trial }) {
  const { t } = useTranslation();
  const then = decision.then;
  return (
    <section aria-label={t('routing.decision')} aria-live="polite" className={classes.outcome}>
      <Text size="sm" fw={600}>
        {isAction(then) ? actionWords(then, t) : decision.action}
      </Text>
      <Text size="xs" c="dimmed">
        {rule
          ? t('routing.decidedBy', { place: rule.position, name: rule.name })
          : t('routing.decidedByNone')}
      </Text>
      <Text size="xs" c="dimmed">
        {[
          decision.profile && `${t('routing.field.profile')}: ${decision.profile}`,
          decision.priority !== 0 && `${t('routing.field.priority')}: ${decision.priority}`,
          decision.required_skills.length > 0 &&
            `${t('routing.field.required_skills')}: ${decision.required_skills.join(', ')}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      <ol className={classes.trace} aria-label={t('routing.trace')}>
        {trace.map(({ position, name, matched, because }) => (
          <li key={position} data-matched={matched || undefined}>
            <span className={classes.traceName}>
              {position} {name}
              {matched && <Tag tone="good">{t('routing.matched')}</Tag>}
            </span>
            {because}
          </li>
        ))}
      </ol>
      {remarks.map((remark) => (
        <Text key={remark} size="xs">
          {remark}
        </Text>
      ))}
    </section>
  );
}
