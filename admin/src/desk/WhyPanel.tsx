import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Panel } from '../calls/Panel';
import { Answer } from './Answer';
import { usePart } from './DeskContext';
import { EscalationText } from './EscalationText';
import classes from './Part.module.css';
import { escalationsOfCallQuery, isAsking } from './queries';
import { Refused } from './Refused';
import { useAnswering } from './useAnswering';
import { Waited } from './Waited';

/** Why a human was asked into this call; while nobody has taken it, with the answer. */
export function WhyPanel({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const answering = useAnswering();
  const inside = usePart().callId === callId;
  const { data } = useQuery(escalationsOfCallQuery(callId));
  const latest = data?.[0];
  if (!latest) return null;
  // What rings here is answered where it rings, on whatever page.
  const open = isAsking(latest) && !latest.offered_to_me && !inside;
  return (
    <Panel title={t('desk.whyTitle')} aside={<Waited escalation={latest} />}>
      <Refused error={answering.refusal} onClose={answering.forget} />
      <div className={classes.why}>
        <EscalationText escalation={latest} />
        {open && <Answer escalation={latest} answering={answering} />}
      </div>
    </Panel>
  );
}
