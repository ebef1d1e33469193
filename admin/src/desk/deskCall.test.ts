import { beforeEach, expect, test } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { Connection, Mode } from '../api/shapes';
import { DeskCall, type Media, type MediaEvents, type Orders } from './deskCall';

const CONNECTION: Connection = {
  url: 'ws://room',
  token: 't',
  supervision_id: 's1',
  call_id: 'c1',
  identity: 'supervisor-s1',
  mode: 'take_over',
  caller_identity: 'sip_1',
  agent_identity: 'agent-1',
  lead_epoch: 2,
};
const CONFLICT = new ApiProblem({ status: 409, title: 'A colleague has taken this call already.' });

let happened: string[];
let refuse: Partial<Record<keyof Orders, Error>>;
let noMicrophone: boolean;
let noRoom: boolean;
let events: MediaEvents | null;
let lineOut: (() => void) | null;
let lastMode: Mode;
/** The count of the lead that each order named, and that the server answers a change of mode with. */
let epochs: (number | null)[];
let switched: number;

const order = (name: keyof Orders, what: string) => {
  happened.push(what);
  const error = refuse[name];
  return error ? Promise.reject(error) : Promise.resolve();
};

function media(told: MediaEvents): Media {
  events = told;
  const note = (what: string) => {
    happened.push(what);
    return Promise.resolve();
  };
  return {
    openMicrophone: () => (noMicrophone ? Promise.reject(new Error('denied')) : Promise.resolve()),
    enter: ({ mode }) => (noRoom ? Promise.reject(new Error('unreachable')) : note(`enter ${mode}`)),
    do: (step) => (step === 'publish' && noMicrophone ? Promise.reject(new Error('denied')) : note(step)),
    setMuted: (muted) => note(muted ? 'own mute' : 'own unmute'),
    unsilence: () => note('unsilence'),
    close: () => void note('close'),
  };
}

function aDesk(): DeskCall {
  return new DeskCall({
    orders: {
      accept: (id) => order('accept', `accept ${id}`).then(() => CONNECTION),
      join: (_, mode, epoch) => {
        epochs.push(epoch);
        return order('join', `join ${mode ?? 'as before'}`).then(() => ({
          ...CONNECTION,
          mode: mode ?? lastMode,
        }));
      },
      switchTo: (_, mode, epoch) => {
        epochs.push(epoch);
        return order('switchTo', `ask ${mode}`).then(() => switched);
      },
      handBack: (_, epoch) => {
        epochs.push(epoch);
        return order('handBack', 'ask hand back');
      },
      hold: (_, on, epoch) => {
        epochs.push(epoch);
        return order('hold', on ? 'hold' : 'resume');
      },
      leave: () => order('leave', 'left'),
    },
    media,
    line: (_, { onOut }) => {
      lineOut = onOut;
      return () => void happened.push('line closed');
    },
    memory: { note: () => undefined, forget: () => void happened.push('forgotten') },
  });
}

async function inMode(mode: Mode): Promise<DeskCall> {
  const desk = aDesk();
  await desk.join('c1', mode, 2);
  happened = [];
  epochs = [];
  return desk;
}

beforeEach(() => {
  happened = [];
  refuse = {};
  noMicrophone = noRoom = false;
  lastMode = 'monitor';
  epochs = [];
  switched = 0;
  events = lineOut = null;
});

test('who accepts is heard by all once they are in the room, and leads', async () => {
  const desk = aDesk();
  await desk.accept({ id: 'e1', call_id: 'c1' });
  expect(happened).toEqual(['accept e1', 'enter take_over', 'open', 'publish']);
  expect(desk.snapshot()).toMatchObject({ phase: 'in', callId: 'c1', mode: 'take_over', trouble: null });
});

test('a colleague who was faster is told as the server says it, and one is in no call', async () => {
  const desk = aDesk();
  refuse.accept = CONFLICT;
  await expect(desk.accept({ id: 'e1', call_id: 'c1' })).rejects.toBe(CONFLICT);
  expect(desk.snapshot()).toMatchObject({ phase: 'out', callId: null });
  expect(happened).toContain('close');
});

test('a whisper is silent, then restricted, then confirmed, then heard', async () => {
  const desk = await inMode('barge');
  await desk.switchTo('whisper');
  expect(happened).toEqual(['mute', 'restrict', 'ask whisper', 'unmute']);
  expect(desk.snapshot()).toMatchObject({ phase: 'in', mode: 'whisper' });
});

test('a whisper that was refused stays unheard until the person speaks up', async () => {
  const desk = await inMode('barge');
  refuse.switchTo = CONFLICT;
  await desk.switchTo('whisper');
  expect(happened).toEqual(['mute', 'restrict', 'ask whisper', 'open', 'own mute', 'unmute']);
  expect(desk.snapshot()).toMatchObject({
    mode: 'barge',
    muted: true,
    trouble: { kind: 'refused', error: CONFLICT },
  });
});

test('after handing back one listens, and the microphone is out of the room', async () => {
  const desk = await inMode('take_over');
  await desk.handBack();
  expect(happened).toEqual(['mute', 'ask hand back', 'unpublish']);
  expect(desk.snapshot()).toMatchObject({ phase: 'in', mode: 'monitor' });
});

test('who was muted, hands back and takes over again is heard', async () => {
  const desk = await inMode('take_over');
  await desk.setMuted(true);
  happened = [];
  await desk.handBack();
  expect(happened).toEqual(['mute', 'ask hand back', 'unpublish', 'own unmute']);
  expect(desk.snapshot().muted).toBe(false);
});

test('a caller on hold hears nothing of us before, and we are heard once the music is over', async () => {
  const desk = await inMode('take_over');
  await desk.hold(true);
  expect(desk.snapshot()).toMatchObject({ phase: 'in', held: true });
  await desk.hold(false);
  expect(happened).toEqual(['mute', 'hold', 'resume', 'unmute']);
  expect(desk.snapshot().held).toBe(false);
});

test('a hold that was refused leaves the microphone off, and another order ends a hold', async () => {
  const desk = await inMode('take_over');
  refuse.hold = CONFLICT;
  await desk.hold(true);
  expect(happened).toEqual(['mute', 'hold', 'own mute', 'unmute']);
  expect(desk.snapshot()).toMatchObject({ held: false, muted: true });
  const other = await inMode('take_over');
  refuse = {};
  await other.hold(true);
  await other.switchTo('barge');
  expect(happened).toEqual(['mute', 'hold', 'ask barge', 'unmute']);
  expect(other.snapshot()).toMatchObject({ mode: 'barge', held: false });
});

test('a page that was loaded again learns of the hold it had begun', async () => {
  const desk = await inMode('take_over');
  await desk.noticeHold(true);
  await desk.noticeHold(true);
  expect(happened).toEqual(['mute']);
  expect(desk.snapshot().held).toBe(true);
});

test('without a microphone one listens instead of leading in silence', async () => {
  noMicrophone = true;
  const desk = aDesk();
  await desk.accept({ id: 'e1', call_id: 'c1' });
  expect(happened).toEqual(['accept e1', 'join monitor', 'enter monitor']);
  expect(desk.snapshot()).toMatchObject({ mode: 'monitor', trouble: { kind: 'noMicrophone' } });
});

test('a listener whose microphone fails stays a listener, at the server too', async () => {
  const desk = await inMode('monitor');
  noMicrophone = true;
  await desk.switchTo('take_over');
  expect(happened).toEqual(['open', 'ask take_over', 'ask monitor']);
  expect(desk.snapshot()).toMatchObject({ mode: 'monitor', trouble: { kind: 'noMicrophone' } });
});

test('a page that was loaded again is in the mode of before, as silent as before', async () => {
  lastMode = 'take_over';
  const desk = aDesk();
  await desk.join('c1', null, null, true);
  expect(happened).toEqual(['join as before', 'enter take_over', 'own mute', 'open', 'publish']);
  expect(desk.snapshot()).toMatchObject({ mode: 'take_over', muted: true });
});

test('a room that is not reached is left, and said', async () => {
  noRoom = true;
  const desk = aDesk();
  await desk.join('c1', 'monitor', 2);
  expect(happened).toContain('left');
  expect(desk.snapshot()).toMatchObject({ phase: 'out', callId: 'c1', trouble: { kind: 'noMedia' } });
});

test('who was put out is told why; the end of a call is no trouble', async () => {
  const desk = await inMode('barge');
  events?.onGone('removed');
  expect(desk.snapshot()).toMatchObject({ phase: 'out', callId: 'c1', trouble: { kind: 'removed' } });
  const other = await inMode('barge');
  events?.onGone('over');
  expect(other.snapshot()).toMatchObject({ phase: 'out', trouble: null });
  const third = await inMode('barge');
  lineOut?.();
  expect(third.snapshot()).toMatchObject({ phase: 'out', trouble: { kind: 'lost' } });
});

test('a colleague who takes the lead leaves us heard', async () => {
  const desk = await inMode('take_over');
  desk.demoted();
  expect(desk.snapshot().mode).toBe('barge');
});

test('every order names the count of the lead that was last seen here, our own changes among them', async () => {
  const desk = aDesk();
  await desk.accept({ id: 'e1', call_id: 'c1' });
  await desk.hold(true);
  await desk.handBack();
  await desk.handBack();
  switched = 4;
  await desk.switchTo('take_over');
  await desk.hold(true);
  expect(epochs).toEqual([2, 2, 3, 4]);
});

test('a tab that hears of nothing orders as of before, and one that shows the news as of now', async () => {
  const stale = await inMode('barge');
  stale.noticeEpoch('c1', 1);
  stale.noticeEpoch('another call', 9);
  refuse.switchTo = CONFLICT;
  await stale.switchTo('take_over');
  expect(stale.snapshot()).toMatchObject({ mode: 'barge', trouble: { kind: 'refused', error: CONFLICT } });
  refuse = {};
  stale.noticeEpoch('c1', 5);
  await stale.switchTo('take_over');
  expect(epochs).toEqual([2, 5]);
});

test('who takes over from outside names what the page shows, and a page that was loaded again nothing', async () => {
  await aDesk().join('c1', 'take_over', 7);
  await aDesk().join('c1', null, null, true);
  expect(epochs).toEqual([7, null]);
});
