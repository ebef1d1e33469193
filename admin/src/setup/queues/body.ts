import type { BodyOf } from '../../app/edit/collection';

export type QueueBody = BodyOf<'/api/queues'>;

/** A new queue begins with the sentences that the server would take (callcenter/setup/queues/rules.py). */
export const emptyQueue = {
  profile: '',
  required_skills: [],
  ageing: null,
  max_waiting: null,
  when_full: { action: 'reject' },
  answer_after_seconds: null,
  max_wait_seconds: 600,
  opening: 'One moment please. I will connect you as soon as somebody is free.',
  gave_up: 'I am sorry. Nobody is free right now. Please call again later. Goodbye.',
  failed: 'I am very sorry. We have a technical problem. Please call again in a few minutes. Goodbye.',
  too_long:
    'I am sorry. This call has reached the longest time we can talk. Please call again if you need more help. Goodbye.',
  lost: 'Sorry, we lost the line for a moment. Please stay with me.',
  music: 'default',
  opening_in: {},
  announce: null,
  keys: {},
  call_back: {
    trunk: null,
    attempts: 3,
    after_seconds: [300, 1800],
    ring_seconds: 25,
    greeting:
      'Hello. You asked us to call you back. Press 1 or say yes to be connected, press 2 if you need us no more.',
    announce: '',
  },
  service_level: { target_seconds: 20, target_percent: 80 },
  supervisors: {
    strategy: 'longest_idle',
    skill: null,
    ring_seconds: 20,
    wait_seconds: 60,
    nobody_seconds: 15,
    wrap_up_seconds: 30,
    asking: 'I am asking a colleague to join us. Please stay on the line.',
    dispositions: ['Solved', 'To be called back', 'Complaint', 'Not for us'],
    no_supervisor:
      'I am sorry, none of my colleagues is available right now. I will help you as well as I can.',
    declined: 'I am sorry, my colleagues cannot take your call right now. I will help you as well as I can.',
    offer_timeout: 'I am sorry, none of my colleagues has answered. I will help you as well as I can.',
    join_failed: 'I am sorry, my colleague could not be connected. I will help you as well as I can.',
    left: 'I am sorry, my colleague has left the line. I am here again, please go on.',
  },
} satisfies QueueBody;

export const AGEING = { every_seconds: 60, points: 1, at_most: 10 };
export const ANNOUNCE = { every_seconds: 45, position: true, expected_wait: true, texts: [] };
