import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen, pauseBeforeTry, readEvent, type StreamListener } from './eventStream';

class Source extends EventTarget {
  readonly CLOSED = 2;
  readyState = 0;
  closed = false;

  close() {
    this.closed = true;
  }

  become(readyState: 0 | 1 | 2) {
    this.readyState = readyState;
    this.dispatchEvent(new Event(readyState === 1 ? 'open' : 'error'));
  }

  says(data: string) {
    this.dispatchEvent(new MessageEvent('timeline', { data }));
  }
}

function start() {
  const sources: Source[] = [];
  const heard: string[] = [];
  const listener: StreamListener = {
    onEvent: (event) => heard.push(`event ${event.type} of ${event.call_id}`),
    onState: (state) => heard.push(state),
    onHealed: () => heard.push('healed'),
    onRefused: () => heard.push('refused'),
  };
  const stop = listen(listener, () => {
    sources.push(new Source());
    return sources.at(-1) as unknown as EventSource;
  });
  return { sources, heard, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('events that name a call are passed on, anything else is ignored', () => {
  const { sources, heard } = start();
  sources[0]?.become(1);
  sources[0]?.says('{"call_id":"c1","type":"call_answered"}');
  sources[0]?.says('{"type":"call_answered"}');
  sources[0]?.says('not json');
  expect(heard).toEqual(['connecting', 'open', 'event call_answered of c1']);
});

test('a broken connection is reported lost and healed when the browser has reconnected', () => {
  const { sources, heard } = start();
  sources[0]?.become(1);
  sources[0]?.become(0);
  sources[0]?.become(1);
  expect(heard).toEqual(['connecting', 'open', 'lost', 'open', 'healed']);
  expect(sources).toHaveLength(1);
});

test('a refused stream is opened again after a pause and heals', () => {
  const { sources, heard } = start();
  sources[0]?.become(2);
  expect(heard).toEqual(['connecting', 'lost', 'refused']);
  vi.advanceTimersByTime(pauseBeforeTry(0));
  sources[1]?.become(1);
  expect(heard.slice(-2)).toEqual(['open', 'healed']);
});

test('a server that has lost our place makes us read everything anew', () => {
  const { sources, heard } = start();
  sources[0]?.become(1);
  sources[0]?.dispatchEvent(new MessageEvent('reset', { data: '{}' }));
  expect(heard).toEqual(['connecting', 'open', 'healed']);
});

test('after stopping, nothing is opened any more', () => {
  const { sources, stop } = start();
  sources[0]?.become(2);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(1);
  expect(sources[0]?.closed).toBe(true);
});

test('the pause between tries grows to eight seconds', () => {
  expect([0, 1, 2, 3, 9].map(pauseBeforeTry)).toEqual([1000, 2000, 4000, 8000, 8000]);
});

test('data without a call is no event', () => {
  expect(readEvent('null')).toBeNull();
  expect(readEvent('{"call_id":1,"type":"x"}')).toBeNull();
});
