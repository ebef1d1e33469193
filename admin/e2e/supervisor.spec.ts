import { type APIRequestContext, expect, type Page, request, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;
const { COLLEAGUE_EMAIL = '', COLLEAGUE_PASSWORD = '' } = process.env;
const WANTED = 'wants a refund and asks for a person';

test.describe.configure({ mode: 'serial' });

let colleague: APIRequestContext;

/** Lets it happen in the contact center; the id of its call. */
async function play(what: string, values: Record<string, string> = {}): Promise<string> {
  const answer = await colleague.post(
    `${CONSOLE_URL}/played/${what}?${new URLSearchParams(values).toString()}`,
  );
  expect(answer.ok(), `${what}: ${answer.status()}`).toBe(true);
  return ((await answer.json()) as { id: string }).id;
}

/** A call in which an agent talks, and then a human is asked for. */
async function asksForAPerson(name: string, from: string): Promise<string> {
  await play('rings', { name, text: from });
  const id = await play('talks', { name });
  await play('says', { name, text: 'agent: Hello, this is the demo shop. How can I help you?' });
  await play('says', { name, text: 'caller: My parcel came broken and I want my money back.' });
  await play('says', { name, text: 'caller: I would like to talk to a person.' });
  const asked = await colleague.post(`${CONSOLE_URL}/api/calls/${id}/escalate`, { data: { reason: WANTED } });
  expect(asked.status()).toBe(201);
  return id;
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
}

/** Notes what rings: tones that are played, and notifications. */
async function noteRinging(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const rung = { tones: 0, notified: [] as string[] };
    const node = AudioScheduledSourceNode.prototype;
    const start = Object.getOwnPropertyDescriptor(node, 'start')?.value as () => void;
    node.start = function (...args) {
      rung.tones += 1;
      start.apply(this, args as []);
    };
    class Noted {
      static readonly permission = 'granted';
      onclick = null;
      constructor(title: string) {
        rung.notified.push(title);
      }
      close(): void {
        rung.notified.push('closed');
      }
    }
    Object.assign(window, { rung, Notification: Noted });
  });
}

const rung = (page: Page) =>
  page.evaluate(() => (window as unknown as { rung: { tones: number; notified: string[] } }).rung);

test.beforeAll(async () => {
  colleague = await request.newContext({ extraHTTPHeaders: { 'X-CSRF': '1', Origin: CONSOLE_URL } });
  const credentials = { email: COLLEAGUE_EMAIL, password: COLLEAGUE_PASSWORD };
  expect((await colleague.post(`${CONSOLE_URL}/api/session`, { data: credentials })).ok()).toBe(true);
});

test.afterAll(async () => {
  await colleague.dispose();
});

test('it rings on any page, shows why, and is answered by keyboard; who is late is told so', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await noteRinging(page);
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await expect(page.getByRole('button', { name: 'Your status: Available' })).toBeVisible();
  const region = page.getByRole('region', { name: 'Escalations' });

  await asksForAPerson('broken parcel', '+4915550123');
  await expect(region.getByRole('button', { name: 'Accept' })).toBeVisible();
  await expect(region).toContainText(WANTED);
  await expect(page).toHaveTitle(/☎ A caller wants you: \+4915550123/);
  await expect.poll(async () => (await rung(page)).tones).toBeGreaterThan(0);
  expect((await rung(page)).notified[0]).toContain('+4915550123');
  await expectAccessible(page);
  await picture(page, 'escalation-ringing');

  await region.getByRole('link', { name: 'Open the inbox' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Escalations' })).toBeVisible();
  await expect(region).toHaveCount(1);
  await expect(region).toContainText('Rings for you');
  await expect(region).toContainText(/waited 0:\d\d/);
  await expect(page.getByRole('log', { name: 'Live transcript' })).toContainText('I want my money back');
  await expect(page.getByRole('region', { name: 'Earlier calls of this caller' })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'escalations');
  for (const [scheme, width, height] of [
    ['dark', 1280, 800],
    ['light', 820, 1180],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.screenshot({ path: test.info().outputPath(`inbox-${scheme}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.keyboard.press('Alt+n');
  await expect(region).toContainText('Nobody is waiting for a person');
  await expect(page).not.toHaveTitle(/☎/);
  await expect(page.getByRole('region', { name: 'Recently' })).toContainText('Declined by all');
  await expectAccessible(page);

  await asksForAPerson('second', '+4915550124');
  await page.route('**/api/escalations/*/accept', async (route) => {
    const faster = await colleague.post(route.request().url(), { data: {} });
    expect(faster.status()).toBe(200);
    await route.continue();
  });
  await expect(region).toContainText('Rings for you');
  await page.keyboard.press('Alt+a');
  await expect(region.getByRole('alert')).toContainText('A colleague has taken this call already.');
  await expect(region).toContainText(/Kim.* is on the way/);
  await expect(page).toHaveURL(/escalations$/);
  await expectAccessible(page);
  await region.getByRole('button', { name: 'Close' }).click();
  await expect(region.getByRole('alert')).toBeHidden();
  expect(complaints).toEqual([]);
});

test('when the caller hangs up it rings no more within a second', async ({ page }) => {
  await noteRinging(page);
  await page.goto(`${CONSOLE_URL}/escalations`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await asksForAPerson('third', '+4915550125');
  const accept = page.getByRole('button', { name: 'Accept' });
  await expect(page.getByText('Rings for you')).toBeVisible();
  await play('ends', { name: 'third' });
  await expect(accept).toBeHidden({ timeout: 1_000 });
  expect((await rung(page)).notified.at(-1)).toBe('closed');
  await expect(page.getByRole('region', { name: 'Recently' })).toContainText('The caller hung up before');
});

test('buttons on a call say why they cannot be pressed, and a room that is not reached is told', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await play('rings', { name: 'waits', text: '+4930555777' });
  await page.goto(`${CONSOLE_URL}/calls`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await page.getByRole('link', { name: '+4930555777' }).click();
  const part = page.getByRole('region', { name: 'Your part in this call' });
  for (const name of ['Whisper', 'Barge in', 'Take over']) {
    const button = part.getByRole('button', { name });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAccessibleDescription(/Nobody talks with the caller yet/);
  }
  await expect(part.getByRole('button', { name: 'Listen' })).toBeEnabled();
  await play('talks', { name: 'waits' });
  await expect(part.getByRole('button', { name: 'Take over' })).toBeEnabled();
  const handBack = part.getByRole('button', { name: 'Hand back' });
  await expect(handBack).toBeDisabled();
  await expect(handBack).toHaveAccessibleDescription('You are not in this call.');
  await expectAccessible(page);

  const whisper = page.getByRole('region', { name: 'Whisper to the agent' });
  await page.keyboard.press('Alt+k');
  await page.keyboard.type('offer a refund');
  await page.keyboard.press('Enter');
  await expect(whisper.getByRole('log')).toContainText('offer a refund');
  await expect(whisper.getByRole('log')).toContainText('Not answered yet');
  await expectAccessible(page);
  for (const [scheme, width, height] of [
    ['light', 1280, 800],
    ['dark', 820, 1180],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.screenshot({ path: test.info().outputPath(`call-${scheme}-${width}.png`), fullPage: true });
  }
  await page.keyboard.press('Alt+l');
  await expect(part.getByRole('alert')).toContainText('could not be reached');
  await expect(part.getByRole('button', { name: 'Go back into the call' })).toBeVisible();
  await expect(part.getByRole('status')).toHaveText('You are not in this call');
  await play('ends', { name: 'waits' });
  await expect(part).toBeHidden();
  expect(complaints).toEqual([]);
});

test('one stands as one says, also after a reload, and is not reachable once the page is closed', async ({
  page,
}) => {
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  const stands = () => page.request.get(`${CONSOLE_URL}/api/presence`).then((answer) => answer.json());
  await page.getByRole('button', { name: /^Your status/ }).click();
  await expectAccessible(page);
  await page.getByRole('menuitem', { name: 'Away' }).click();
  await expect(page.getByRole('button', { name: 'Your status: Away' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Your status: Away' })).toBeVisible();
  expect(await stands()).toMatchObject({ status: 'away' });
  await page.getByRole('button', { name: /^Your status/ }).press('Enter');
  await page.getByRole('menuitem', { name: 'Available' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Your status: Available' })).toBeVisible();
  await page.goto('about:blank');
  await expect.poll(stands, { timeout: 10_000 }).toMatchObject({ status: 'offline' });
});
