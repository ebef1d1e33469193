import { Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Invariant } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { clockText } from '../calls/words';
import classes from './InvariantsPage.module.css';
import { invariantsQuery, LOOK_AGAIN_MS } from './queries';
import { RulePanel } from './RulePanel';
import { summaryOf } from './summary';

/** The product's promises, looked at again every few seconds. What was seen last stays when nobody answers. */
export function InvariantsPage() {
  const { t } = useTranslation();
  const look = useQuery(invariantsQuery);
  const violations = look.data ? summaryOf(look.data).violations : 0;
  useDocumentTitle(violations > 0 ? `(${violations}) ${t('invariants.title')}` : t('invariants.title'));
  return (
    <Stack gap="md">
      <Group justify="space-between" align="baseline">
        <Title order={1} size="h3">
          {t('invariants.title')}
        </Title>
        {look.dataUpdatedAt > 0 && <LastLook at={look.dataUpdatedAt} />}
      </Group>
      {look.isError && <ProblemNotice error={look.error} onRetry={() => void look.refetch()} />}
      {look.data ? <Rules rules={look.data} stale={look.isError} /> : !look.isError && <Loading />}
    </Stack>
  );
}

function LastLook({ at }: { at: number }) {
  const { t, i18n } = useTranslation();
  const time = new Date(at);
  return (
    <Text size="sm" c="dimmed">
      {t('invariants.lastLook')}{' '}
      <time dateTime={time.toISOString()}>{clockText(time.toISOString(), i18n.language, new Date())}</time>
      {' · '}
      {t('invariants.again', { seconds: LOOK_AGAIN_MS / 1_000 })}
    </Text>
  );
}

function Rules({ rules, stale }: { rules: Invariant[]; stale: boolean }) {
  return (
    <>
      {!stale && <Verdict rules={rules} />}
      {rules.map((rule) => (
        <RulePanel key={rule.name} rule={rule} />
      ))}
    </>
  );
}

function Verdict({ rules }: { rules: Invariant[] }) {
  const { t } = useTranslation();
  const { violations, broken } = summaryOf(rules);
  const kept = violations === 0;
  return (
    <div role={kept ? 'status' : 'alert'} className={classes.verdict} data-kept={kept}>
      {kept ? <IconShieldCheck size={22} aria-hidden /> : <IconAlertTriangle size={22} aria-hidden />}
      <div>
        <Text fw={600}>
          {kept ? t('invariants.kept') : t('invariants.broken', { rules: broken.join(', ') })}
        </Text>
        <Text size="sm">
          {kept ? t('invariants.keptText') : t('invariants.brokenText', { count: violations })}
        </Text>
      </div>
    </div>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t('loading')}>
      {[1, 2, 3, 4, 5].map((place) => (
        <Skeleton key={place} height={56} />
      ))}
    </Stack>
  );
}
