import { ListState } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import type { components } from '../../api/schema';
import { Alert, Code, Paper, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import { clockText } from '../../calls/words';
import { trunksQuery } from '../queries';
import { NumberTabs } from './NumberTabs';
import classes from './numbers.module.css';

/** Trunks are code: this shows what the files want beside what LiveKit holds, and what came in over each. */
export function TrunksPage() {
  const { t } = useTranslation();
  const trunks = useQuery(trunksQuery);
  useDocumentTitle(t('trunks.title'));
  const { data } = trunks;
  return (
    <Stack gap="md">
      <PageHead
        title={t('trunks.title')}
        lead={
          <>
            {t('trunks.lead')} <Code>sip/{data?.files.join(', sip/') ?? '*.yaml'}</Code> ·{' '}
            <Code>python -m sip apply</Code>
          </>
        }
      />
      <NumberTabs />
      <ListState query={trunks} />
      {data?.unavailable && (
        <Alert role="alert" color="red" icon={<IconPlugConnectedX />} title={t('trunks.unavailable')}>
          {data.unavailable}
        </Alert>
      )}
      {data && [...data.refusals, ...data.warnings].length > 0 && (
        <Alert color="orange" icon={<IconAlertTriangle />} title={t('trunks.warnings')}>
          {[...data.refusals, ...data.warnings].map((text) => (
            <Text key={text} size="sm">
              {text}
            </Text>
          ))}
        </Alert>
      )}
      {data?.unavailable === '' && data.items.length === 0 && <Text c="dimmed">{t('trunks.none')}</Text>}
      <div className={classes.trunks}>
        {data?.items.map((trunk) => (
          <TrunkCard key={`${trunk.direction} ${trunk.id ?? trunk.name}`} trunk={trunk} />
        ))}
      </div>
      {data && !data.secrets_compared && (
        <Text size="xs" c="dimmed">
          {t('trunks.noSecrets')}
        </Text>
      )}
    </Stack>
  );
}

type Trunk = components['schemas']['TrunkRead'];

function TrunkCard({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation();
  const { figures, guard } = trunk;
  return (
    <Paper withBorder component="section" className={classes.trunk} aria-label={trunk.name}>
      <div className={classes.head}>
        <h2>{trunk.name}</h2>
        <Text size="xs" c="dimmed">
          {t(`trunks.direction.${trunk.direction}`)}
        </Text>
        <span className={classes.state} data-state={trunk.state}>
          {t(`trunks.state.${trunk.state}`)}
        </span>
      </div>
      {trunk.differences.length > 0 && (
        <ul className={classes.differences} aria-label={t('trunks.differences')}>
          {trunk.differences.map(({ field, change }) => (
            <li key={field}>
              {field.replaceAll('_', ' ')}: {change}
            </li>
          ))}
        </ul>
      )}
      <dl className={classes.facts}>
        <dt>{t('trunks.numbers')}</dt>
        <dd>
          {[...trunk.numbers, ...(trunk.catch_all ? [t('trunks.catchAll')] : [])].join(', ') || t('none')}
        </dd>
        <dt>{t(trunk.direction === 'inbound' ? 'trunks.admits' : 'trunks.sendsTo')}</dt>
        <dd>{[...trunk.addresses, ...(trunk.digest ? [t('trunks.digest')] : [])].join(', ') || t('none')}</dd>
        {guard && <GuardFacts guard={guard} />}
        <dt>{t('numbers.lastCall')}</dt>
        <dd>
          <LastCall trunk={trunk} />
        </dd>
        <dt>{t('numbers.month')}</dt>
        <dd>{t('numbers.figures', figures)}</dd>
        <dt>{t('trunks.id')}</dt>
        <dd>{trunk.id ?? t('none')}</dd>
      </dl>
    </Paper>
  );
}

function GuardFacts({ guard }: { guard: NonNullable<Trunk['guard']> }) {
  const { t } = useTranslation();
  const { prefixes, calls_per_hour: hour, calls_per_day: day, concurrent: count } = guard;
  return (
    <>
      <dt>{t('trunks.guard')}</dt>
      <dd>{t('trunks.guardText', { prefixes: prefixes.join(', '), hour, day, count })}</dd>
    </>
  );
}

/** Calls that came in have a page; what went out is only dated. */
function LastCall({ trunk: { direction, figures } }: { trunk: Trunk }) {
  const { t, i18n } = useTranslation();
  if (!figures.last_call_at || !figures.last_call_id) return t('numbers.never');
  const at = clockText(figures.last_call_at, i18n.language, new Date());
  if (direction === 'outbound') return at;
  return (
    <Link to="/calls/$callId" params={{ callId: figures.last_call_id }}>
      {at}
    </Link>
  );
}
