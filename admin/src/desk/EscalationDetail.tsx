import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { EarlierPanel } from '../calls/EarlierPanel';
import { TranscriptPanel } from '../calls/TranscriptPanel';
import classes from './Inbox.module.css';

/** What one wants to know before saying yes: what is being said, and whether they called before. */
export function EscalationDetail({ escalation }: { escalation: Escalation }) {
  const { t } = useTranslation();
  const { call_id, ended_at } = escalation;
  return (
    <div className={classes.detail}>
      <TranscriptPanel callId={call_id} live={ended_at === null} />
      <EarlierPanel callId={call_id} />
      <Anchor component={Link} to={`/calls/${call_id}`} size="sm">
        {t('desk.openCall')}
      </Anchor>
    </div>
  );
}
