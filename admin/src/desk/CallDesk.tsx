import type { Call } from '../api/shapes';
import { useCan } from '../board/useCan';
import { AssistPanel } from './AssistPanel';
import { NotesPanel } from './NotesPanel';
import { PartPanel } from './PartPanel';
import { WhisperPanel } from './WhisperPanel';
import { WhyPanel } from './WhyPanel';

/** What a supervisor has on top of a call's page. */
export function DeskTop({ call }: { call: Call }) {
  return useCan('supervise') ? <PartPanel call={call} /> : null;
}

/** What a supervisor has beside the transcript. */
export function DeskSide({ call }: { call: Call }) {
  const may = useCan('supervise');
  if (!may) return null;
  return (
    <>
      {call.state !== 'ended' && call.answered_at && <WhisperPanel callId={call.id} />}
      <AssistPanel call={call} />
      <WhyPanel callId={call.id} />
      <NotesPanel callId={call.id} />
    </>
  );
}
