import { expect, type Page, test } from '@playwright/test';
import { signIn } from './console';
import { CONSOLE_CALL, CONSOLE_EMAIL, CONSOLE_PASSWORD, CONSOLE_URL, playing } from './microphone';

/** So long the phone listens; the microphone's file is words and silence for the first eight seconds, and begins again
 * with a connection that starts anew. */
const LISTEN_MS = 3_000;
const TONE_MS = 9_000;
/** LiveKit's `SignalRequest` with `simulate { node_failure: true }`: the server forgets us, as one that has died. */
const NODE_FAILURE = [0x6a, 0x02, 0x10, 0x01];

test.use({ permissions: ['microphone'], launchOptions: playing });

type Watched = typeof globalThis & { toMediaServer: WebSocket[]; mediaConnections: number };

/** Keeps hold of the page's lines to the media server, and counts its media connections. */
async function watchConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched = globalThis as Watched;
    watched.toMediaServer = [];
    watched.mediaConnections = 0;
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        watched.mediaConnections += 1;
      }
    };
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        if (new URL(url).pathname.includes('/rtc')) watched.toMediaServer.push(this);
      }
    };
  });
}

const made = (page: Page): Promise<{ lines: number; media: number }> =>
  page.evaluate(() => {
    const { toMediaServer, mediaConnections } = globalThis as Watched;
    return { lines: toMediaServer.length, media: mediaConnections };
  });

const standing = (page: Page) =>
  page.getByRole('region', { name: 'Your part in this call' }).getByRole('status');

async function measured(page: Page, name: string): Promise<void> {
  console.log(`mark: ${name} ${Date.now()}`);
  await page.waitForTimeout(LISTEN_MS);
}

/** The line is cut, and the same media go on; or all of it starts anew. */
async function breaks(page: Page, how: 'cut' | 'anew'): Promise<void> {
  const before = await made(page);
  await page.evaluate(
    ([way, order]) => {
      const last = (globalThis as Watched).toMediaServer.at(-1);
      if (way === 'cut') last?.close();
      else last?.send(new Uint8Array(order));
    },
    [how, NODE_FAILURE] as const,
  );
  await expect.poll(async () => (await made(page)).lines).toBeGreaterThan(before.lines);
  if (how === 'cut') {
    expect((await made(page)).media).toBe(before.media);
    return;
  }
  await expect.poll(async () => (await made(page)).media).toBeGreaterThan(before.media);
  await page.waitForTimeout(TONE_MS);
}

test('who whispers is not heard by the caller while the connection is made anew, nor after it', async ({
  page,
}) => {
  await watchConnections(page);
  await page.goto(`${CONSOLE_URL}/calls/${CONSOLE_CALL}`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await page.getByRole('button', { name: 'Whisper', exact: true }).click();
  await expect(standing(page)).toHaveText('You whisper. Only the agent hears you.');
  await page.waitForTimeout(TONE_MS);
  await measured(page, 'whisper');

  console.log(`mark: cut ${Date.now()}`);
  await breaks(page, 'cut');
  await measured(page, 'resumed');
  console.log(`mark: anew ${Date.now()}`);
  await breaks(page, 'anew');
  await measured(page, 'started_anew');
  await expect(standing(page)).toHaveText('You whisper. Only the agent hears you.');

  console.log(`mark: whispered ${Date.now()}`);
  await page.getByRole('button', { name: 'Take over', exact: true }).click();
  await expect(standing(page)).toHaveText('You lead. The agent listens.');
  await measured(page, 'take_over');
  await breaks(page, 'anew');
  await expect(standing(page)).toHaveText('You lead. The agent listens.');
  await measured(page, 'take_over_anew');
});
