import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Call, Invariant, Segment, TimelineEvent, User } from '../src/api/shapes';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const KINDS: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** The policy the console has to live with: no inline script, no inline style tag, nothing from elsewhere. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const CREDENTIALS = { email: 'sam@demo.test', password: 'a long enough secret' };
const USER: User = {
  id: 'u1',
  email: CREDENTIALS.email,
  name: 'Sam Winter',
  role: 'supervisor',
  permissions: ['own_session', 'read_calls', 'read_events', 'read_health'],
};

export interface FakeCall {
  call: Call;
  segments: Segment[];
  events: TimelineEvent[];
}

/** The API's shapes (checked against its schema by tsc) over calls that a test puts there, on a port of its own. */
export class FakeApi {
  readonly calls = new Map<string, FakeCall>();
  invariants: Invariant[] = [];
  /** Answer list reads with 503 while true. */
  failing = false;
  private readonly sessions = new Set<string>();
  private readonly listeners = new Set<ServerResponse>();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private port = 0;
  private streamId = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  constructor() {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  /** Listens; a second start after `cut` takes the same port again. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Goes away as a crashed server does: every connection breaks and nobody listens. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  emit(callId: string, type: string, data: Record<string, unknown> = {}): void {
    const id = ++this.streamId;
    const event = { call_id: callId, stream_id: id, seq: id, type, at: new Date().toISOString(), data };
    for (const listener of this.listeners) {
      listener.write(`id: ${id}\nevent: timeline\ndata: ${JSON.stringify(event)}\n\n`);
    }
  }

  say(callId: string, segment: Segment): void {
    this.calls.get(callId)?.segments.push(segment);
    this.emit(callId, 'segment_stored', { segment });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/api/')) return this.file(url.pathname, response);
    if (url.pathname === '/api/session') return this.session(request, response);
    if (!this.signedIn(request)) {
      problem(response, 401, 'Not signed in');
      return;
    }
    if (url.pathname === '/api/events') {
      this.stream(response);
      return;
    }
    if (this.failing) {
      problem(response, 503, 'The database does not answer.');
      return;
    }
    if (url.pathname === '/api/calls') {
      json(response, 200, this.list(url.searchParams.getAll('state')));
      return;
    }
    if (url.pathname === '/api/health/invariants') {
      json(response, 200, { items: this.invariants });
      return;
    }
    this.one(url.pathname.split('/').slice(3), response);
  }

  private list(states: string[]) {
    const items = [...this.calls.values()].map(({ call }) => call);
    const wanted = items.filter(({ state }) => states.includes(state === 'ended' ? 'ended' : 'live'));
    wanted.sort((a, b) => b.arrived_at.localeCompare(a.arrived_at));
    return { items: wanted, next_cursor: null };
  }

  private one([id, part]: string[], response: ServerResponse): void {
    const found = this.calls.get(id ?? '');
    if (!found) {
      problem(response, 404, 'No such call');
      return;
    }
    const { call, segments, events } = found;
    const page = { call_id: call.id, next_cursor: null };
    if (part === 'transcript') {
      json(response, 200, { ...page, complete: call.state === 'ended', segments });
      return;
    }
    if (part === 'timeline') {
      json(response, 200, { ...page, events });
      return;
    }
    if (part === 'earlier') {
      json(response, 200, { items: [], next_cursor: null });
      return;
    }
    json(response, 200, call);
  }

  private async session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      if (this.signedIn(request)) json(response, 200, { user: USER });
      else problem(response, 401, 'Not signed in');
      return;
    }
    if (request.headers['x-csrf'] !== '1') {
      problem(response, 403, 'The header X-CSRF is missing');
      return;
    }
    if (request.method === 'DELETE') {
      this.sessions.clear();
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as typeof CREDENTIALS;
    if (body.password !== CREDENTIALS.password) {
      problem(response, 401, 'Email or password is wrong');
      return;
    }
    const token = crypto.randomUUID();
    this.sessions.add(token);
    response.setHeader('set-cookie', `session=${token}; HttpOnly; SameSite=Strict; Path=/`);
    json(response, 200, { user: USER });
  }

  private signedIn(request: IncomingMessage): boolean {
    const token = /session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    return token !== undefined && this.sessions.has(token);
  }

  private stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 300\n\n');
    this.listeners.add(response);
    response.on('close', () => this.listeners.delete(response));
  }

  private async file(path: string, response: ServerResponse): Promise<void> {
    const asset = path.startsWith('/assets/') ? normalize(path) : '/index.html';
    const body = await readFile(join(DIST, asset)).catch(() => null);
    if (!body) {
      problem(response, 404, 'No such file');
      return;
    }
    response.writeHead(200, {
      'content-type': KINDS[extname(asset)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    });
    response.end(body);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, title: string): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', status, title, errors: [] }));
}
