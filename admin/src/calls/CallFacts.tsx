import { Group, Paper, Title } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { useNow } from '../app/now';
import { OutcomeBadge, StateBadge } from './Badges';
import classes from './CallFacts.module.css';
import { callDuration, clockText, durationText } from './words';

/** The head of a call's page: who calls whom, in what state, and the facts one asks for first. */
export function CallFacts({ call, actions }: { call: Call; actions?: ReactNode }) {
  const { t, i18n } = useTranslation();
  const now = useNow(call.state !== 'ended');
  const answered = call.answered_at
    ? durationText(Date.parse(call.answered_at) - Date.parse(call.arrived_at))
    : t('call.notAnswered');
  return (
    <Paper withBorder className={classes.facts}>
      <Group gap="md" className={classes.head}>
        <Title order={1} size="h4" className={classes.numbers}>
          {call.from || t('call.unknownCaller')}
          <IconArrowRight size={16} aria-hidden />
          {call.to}
        </Title>
        <StateBadge state={call.state} />
        {call.outcome && <OutcomeBadge outcome={call.outcome} />}
        {call.ended_by && <span className={classes.endedBy}>{t(`endedBy.${call.ended_by}`)}</span>}
        {actions && <span className={classes.actions}>{actions}</span>}
      </Group>
      <dl className={classes.list}>
        <Fact name={t('column.duration')}>{callDuration(call, now)}</Fact>
        {call.state !== 'ended' && <Fact name={t('column.lead')}>{t(`lead.${call.lead}`)}</Fact>}
        <Fact name={t('column.started')}>{clockText(call.arrived_at, i18n.language, new Date(now))}</Fact>
        <Fact name={t('call.answeredAfter')}>{answered}</Fact>
        <Fact name={t('column.queue')}>{call.queue ?? t('none')}</Fact>
        <Fact name={t('call.profile')}>{call.profile ?? t('none')}</Fact>
        <Fact name={t('call.trunk')}>{call.trunk}</Fact>
      </dl>
    </Paper>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
