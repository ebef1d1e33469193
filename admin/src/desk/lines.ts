/** What a line needs of a WebSocket; a test has one of its own. */
export interface Socket {
  send: (text: string) => void;
  close: () => void;
  onopen: (() => void) | null;
  onmessage: (() => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}
export type OpenSocket = (path: string) => Socket;

/** A console in a call is given up 2 s after its line closed (callcenter/platform/desk/consoles.py), so it comes back at once. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const BEAT_MS = 1_000;
/** The server's word that we are not in this call (any more), and that we may not open this line at all. */
const OUT_OF_CALL = 4404;
const NOT_ALLOWED = 1008;

const openSocket: OpenSocket = (path) =>
  new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`) as unknown as Socket;

interface LineEvents {
  onOpen?: () => void;
  onMessage?: (socket: Socket) => void;
  onLost?: () => void;
  /** The server wants no more of it: it is not opened again. */
  onRefused?: () => void;
}

/** A WebSocket that is opened again when it closes, until it is closed here or refused there. Returns what closes it. */
function keepOpen(path: string, events: LineEvents, open: OpenSocket): () => void {
  let socket: Socket;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE_MS;
  let closed = false;

  const connect = () => {
    const mine = open(path);
    socket = mine;
    mine.onopen = () => {
      pause = FIRST_PAUSE_MS;
      events.onOpen?.();
    };
    mine.onmessage = () => {
      events.onMessage?.(mine);
    };
    mine.onclose = ({ code }) => {
      if (closed) return;
      if (code === OUT_OF_CALL || code === NOT_ALLOWED) {
        closed = true;
        events.onRefused?.();
        return;
      }
      events.onLost?.();
      retry = setTimeout(connect, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    };
  };

  connect();
  return () => {
    closed = true;
    clearTimeout(retry);
    socket.close();
  };
}

/**
 * Open for as long as the console is; without it nobody is asked into a call. It answers what the server asks: a message
 * wakes a page in the background, whose own clock the browser holds back.
 */
export function presenceLine(onState: (open: boolean) => void, open: OpenSocket = openSocket): () => void {
  return keepOpen(
    '/api/presence/line',
    {
      onOpen: () => {
        onState(true);
      },
      onLost: () => {
        onState(false);
      },
      onRefused: () => {
        onState(false);
      },
      onMessage: (socket) => {
        socket.send('here');
      },
    },
    open,
  );
}

/**
 * Open while this console is in the call; it beats every second. Browsers slow the clocks of pages in the background down
 * to one tick a second, and further only where no WebRTC connection is open.
 */
export function callLine(
  callId: string,
  { onBeat, onOut }: { onBeat: () => void; onOut: () => void },
  open: OpenSocket = openSocket,
): () => void {
  let beating: ReturnType<typeof setInterval> | undefined;
  let live: Socket | null = null;
  const close = keepOpen(
    `/api/calls/${encodeURIComponent(callId)}/line`,
    {
      onOpen: () => {
        onBeat();
        clearInterval(beating);
        beating = setInterval(() => {
          live?.send('beat');
          onBeat();
        }, BEAT_MS);
      },
      onLost: () => {
        clearInterval(beating);
      },
      onRefused: () => {
        clearInterval(beating);
        onOut();
      },
    },
    (path) => {
      live = open(path);
      return live;
    },
  );
  return () => {
    clearInterval(beating);
    close();
  };
}
