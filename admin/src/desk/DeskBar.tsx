import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { IconHeadset } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './DeskBar.module.css';
import { usePart } from './DeskContext';
import { inOrder, openEscalationsQuery } from './queries';
import { RingPanel } from './RingPanel';
import { StatusMenu } from './StatusMenu';
import { usePresenceLine } from './usePresenceLine';
import { useRinging } from './useRinging';

/** In the head of every page of a supervisor: how they stand, the call they are in, and what rings. */
export default function DeskBar() {
  const reachable = usePresenceLine();
  const { data } = useQuery(openEscalationsQuery);
  const rings = inOrder(data ?? []).find(({ offered_to_me }) => offered_to_me) ?? null;
  useRinging(rings);
  const onInbox = useLocation({ select: ({ pathname }) => pathname === '/escalations' });
  return (
    <>
      <InCall />
      <StatusMenu reachable={reachable} />
      {!onInbox && <RingPanel escalation={rings} />}
    </>
  );
}

/** The way back to the call one is in, from anywhere else. */
function InCall() {
  const { t } = useTranslation();
  const { phase, callId, mode } = usePart();
  const path = useLocation({ select: ({ pathname }) => pathname });
  if (phase === 'out' || !callId || path === `/calls/${callId}`) return null;
  return (
    <Link to="/calls/$callId" params={{ callId }} className={classes.inCall}>
      <IconHeadset size={15} aria-hidden />
      {mode ? t(`desk.mode.${mode}`) : t('desk.joining')}
      <span className={classes.more}>{t('desk.backToCall')}</span>
    </Link>
  );
}
