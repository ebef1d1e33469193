import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import classes from './Inbox.module.css';

/** Why a human is wanted, in the words of whoever asked, and what the caller has said so far. */
export function EscalationText({ escalation }: { escalation: Escalation }) {
  const { t } = useTranslation();
  const { reason, summary, trigger, skill } = escalation;
  return (
    <dl className={classes.why}>
      <div>
        <dt>{t('desk.reason')}</dt>
        <dd>{reason}</dd>
      </div>
      {summary && summary !== reason && (
        <div>
          <dt>{t('desk.summary')}</dt>
          <dd>{summary}</dd>
        </div>
      )}
      <div className={classes.small}>
        <dt>{t('desk.askedBy')}</dt>
        <dd>
          {t(`desk.trigger.${trigger}`)}
          {skill && ` · ${t('desk.skill', { skill })}`}
        </dd>
      </div>
    </dl>
  );
}
