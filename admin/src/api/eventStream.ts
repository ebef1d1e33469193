export type StreamState = 'connecting' | 'open' | 'lost';

export interface StreamEvent {
  call_id: string;
  type: string;
}

export interface StreamListener {
  onEvent: (event: StreamEvent) => void;
  onState: (state: StreamState) => void;
  /** The stream is back after a loss, or the server lost our place: what happened meanwhile has to be read anew. */
  onHealed: () => void;
  /** The server refused the stream: the session may be over. */
  onRefused: () => void;
}

const LONGEST_PAUSE_MS = 8_000;

/** Before the n-th new try (from 0): 1, 2, 4 and then 8 seconds. */
export function pauseBeforeTry(tries: number): number {
  return Math.min(1_000 * 2 ** tries, LONGEST_PAUSE_MS);
}

/** The event in one message's data; null for anything that names no call. */
export function readEvent(data: string): StreamEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { call_id, type } = value as Record<string, unknown>;
  return typeof call_id === 'string' && typeof type === 'string' ? { call_id, type } : null;
}

/**
 * Listens to the server's events until the returned function is called.
 *
 * EventSource reconnects by itself after a broken connection (with Last-Event-ID), but gives up for good on an error
 * answer (https://html.spec.whatwg.org/multipage/server-sent-events.html); then a new one is opened after a pause.
 */
export function listen(
  listener: StreamListener,
  open: () => EventSource = () => new EventSource('/api/events'),
): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let lost = false;

  const connect = () => {
    source = open();
    source.addEventListener('open', () => {
      tries = 0;
      listener.onState('open');
      if (lost) listener.onHealed();
      lost = false;
    });
    source.addEventListener('timeline', (message: MessageEvent<string>) => {
      const event = readEvent(message.data);
      if (event) listener.onEvent(event);
    });
    source.addEventListener('reset', () => {
      listener.onHealed();
    });
    source.addEventListener('error', () => {
      lost = true;
      listener.onState('lost');
      if (source.readyState !== source.CLOSED) return;
      listener.onRefused();
      retry = setTimeout(connect, pauseBeforeTry(tries++));
    });
  };

  listener.onState('connecting');
  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
