import { Anchor, Skeleton, Stack } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { NothingHere } from '../app/NothingHere';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { DeskSide, DeskTop } from '../desk/CallDesk';
import { usePart } from '../desk/DeskContext';
import { CallFacts } from './CallFacts';
import classes from './CallPage.module.css';
import { EarlierPanel } from './EarlierPanel';
import { EndCall } from './EndCall';
import { callQuery, LIVE_REFETCH_MS } from './queries';
import { RoomPanel } from './RoomPanel';
import { RoutingPanel } from './RoutingPanel';
import { TimelinePanel } from './TimelinePanel';
import { TranscriptPanel } from './TranscriptPanel';

/** No such call, or an address that cannot be one. */
const NOT_A_CALL = [404, 422];

export function CallPage() {
  const { t } = useTranslation();
  const { callId } = useParams({ from: '/signed-in/calls/$callId' });
  const { segment } = useSearch({ from: '/signed-in/calls/$callId' });
  const call = useQuery({
    ...callQuery(callId),
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'ended' ? LIVE_REFETCH_MS : false),
  });
  useDocumentTitle(t('call.title', { from: call.data?.from ?? '…' }));
  useEscapeToList();

  if (call.error instanceof ApiProblem && NOT_A_CALL.includes(call.error.status)) return <NothingHere />;
  return (
    <Stack gap="md">
      <Anchor component={Link} to="/calls" size="sm" className={classes.back}>
        <IconArrowLeft size={14} aria-hidden /> {t('call.back')}
      </Anchor>
      {call.isError && !call.data && <ProblemNotice error={call.error} onRetry={() => void call.refetch()} />}
      {call.isPending && <Skeleton height={92} aria-hidden />}
      {call.data && (
        <CallFacts call={call.data} actions={call.data.state !== 'ended' && <EndCall call={call.data} />} />
      )}
      {call.data && <DeskTop call={call.data} />}
      <div className={classes.columns}>
        <TranscriptPanel key={callId} callId={callId} live={call.data?.state !== 'ended'} marked={segment} />
        <div className={classes.side}>
          {call.data && <DeskSide call={call.data} />}
          <TimelinePanel callId={callId} />
          {call.data && <RoutingPanel call={call.data} />}
          {call.data && <RoomPanel call={call.data} />}
          <EarlierPanel callId={callId} />
        </div>
      </div>
    </Stack>
  );
}

function useEscapeToList() {
  const navigate = useNavigate();
  const inCall = usePart().phase !== 'out';
  useWindowEvent('keydown', (event) => {
    // A dialog that does not fade out is gone by now; what was focused in it still knows where it was.
    const wasInADialog = event.target instanceof Element && event.target.closest('[role="dialog"]') !== null;
    const closesADialog = wasInADialog || document.querySelector('[role="dialog"]') !== null;
    // Who is in a call does not leave its page by a slip.
    if (inCall) return;
    if (event.key === 'Escape' && !event.defaultPrevented && !closesADialog) void navigate({ to: '/calls' });
  });
}
