import { answerOf, api } from '../api/client';
import type { Desk } from './DeskContext';
import { DeskCall, type Orders } from './deskCall';
import { callLine } from './lines';
import { tabMemory } from './memory';
import { CallRoom } from './room';

const inCall = (callId: string) => ({ params: { path: { call_id: callId } } });

const orders: Orders = {
  accept: (escalationId) =>
    answerOf(
      api.POST('/api/escalations/{escalation_id}/accept', {
        params: { path: { escalation_id: escalationId } },
        body: { mode: 'take_over' },
      }),
    ),
  join: (callId, mode, lead_epoch) =>
    answerOf(api.POST('/api/calls/{call_id}/join', { ...inCall(callId), body: { mode, lead_epoch } })),
  switchTo: async (callId, mode, lead_epoch) => {
    const order = { ...inCall(callId), body: { mode, lead_epoch } };
    return (await answerOf(api.POST('/api/calls/{call_id}/mode', order))).lead_epoch;
  },
  handBack: (callId, lead_epoch) =>
    answerOf(api.POST('/api/calls/{call_id}/hand-back', { ...inCall(callId), body: { lead_epoch } })),
  hold: (callId, on, lead_epoch) =>
    answerOf(api.POST('/api/calls/{call_id}/hold', { ...inCall(callId), body: { on, lead_epoch } })),
  leave: (callId) => answerOf(api.POST('/api/calls/{call_id}/leave', inCall(callId))),
};

/** The real thing: our API, LiveKit, WebSockets, this tab's memory. */
export function makeDesk(): Desk {
  let room: CallRoom | null = null;
  const call = new DeskCall({
    orders,
    media: (events) => {
      room = new CallRoom(events);
      return room;
    },
    line: callLine,
    memory: tabMemory(sessionStorage),
  });
  return { call, room: () => (call.snapshot().phase === 'out' ? null : room) };
}
