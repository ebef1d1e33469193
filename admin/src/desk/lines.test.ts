import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callLine, presenceLine, type Socket } from './lines';

class FakeSocket implements Socket {
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly path: string) {}
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
    this.onclose?.({ code: 1005 });
  }
}

let sockets: FakeSocket[] = [];
const open = (path: string): FakeSocket => {
  const socket = new FakeSocket(path);
  sockets.push(socket);
  return socket;
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test('a console answers every question of the server, and says when it is lost and back', () => {
  const states: boolean[] = [];
  const close = presenceLine((state) => states.push(state), open);
  sockets[0]?.onopen?.();
  sockets[0]?.onmessage?.();
  sockets[0]?.onmessage?.();
  expect(sockets[0]).toMatchObject({ path: '/api/presence/line', sent: ['here', 'here'] });
  sockets[0]?.onclose?.({ code: 1006 });
  vi.advanceTimersByTime(200);
  sockets[1]?.onopen?.();
  expect(states).toEqual([true, false, true]);
  close();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(2);
  expect(sockets[1]?.closed).toBe(true);
});

test('a console in a call beats every second, and is back well before two seconds without a line', () => {
  const beats = vi.fn();
  const out = vi.fn();
  callLine('c1', { onBeat: beats, onOut: out }, open);
  sockets[0]?.onopen?.();
  vi.advanceTimersByTime(3_000);
  expect(sockets[0]).toMatchObject({ path: '/api/calls/c1/line', sent: ['beat', 'beat', 'beat'] });
  expect(beats).toHaveBeenCalledTimes(4);
  sockets[0]?.onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  expect(sockets[0]?.sent).toHaveLength(3);
  expect(sockets).toHaveLength(2);
  expect(out).not.toHaveBeenCalled();
});

test('a console that is out of the call does not come back by itself', () => {
  const out = vi.fn();
  callLine('c1', { onBeat: () => undefined, onOut: out }, open);
  sockets[0]?.onopen?.();
  sockets[0]?.onclose?.({ code: 4404 });
  vi.advanceTimersByTime(60_000);
  expect(out).toHaveBeenCalledOnce();
  expect(sockets).toHaveLength(1);
});
