import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { Panel } from '../calls/Panel';
import { Answer } from './Answer';
import classes from './DeskBar.module.css';
import { EscalationText } from './EscalationText';
import { Refused } from './Refused';
import { useAnswering } from './useAnswering';
import { Waited } from './Waited';

/** What rings here, on every page but the inbox: enough to decide, and the answer. */
export function RingPanel({ escalation }: { escalation: Escalation | null }) {
  const { t } = useTranslation();
  const answering = useAnswering();
  if (!escalation && !answering.refusal) return null;
  return (
    <div className={classes.ring}>
      <Panel
        title={t('desk.title')}
        aside={
          <Anchor component={Link} to="/escalations" size="xs">
            {t('desk.toInbox')}
          </Anchor>
        }
      >
        <Refused error={answering.refusal} onClose={answering.forget} />
        {escalation && (
          <div className={classes.ringBody} role="alert">
            <div className={classes.ringHead}>
              <strong>{escalation.from || t('call.unknownCaller')}</strong>
              <Waited escalation={escalation} />
            </div>
            <EscalationText escalation={escalation} />
          </div>
        )}
        {escalation && (
          <div className={classes.ringFoot}>
            <Answer escalation={escalation} answering={answering} />
          </div>
        )}
      </Panel>
    </div>
  );
}
