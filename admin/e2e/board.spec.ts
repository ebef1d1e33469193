import { expect, type Locator, type Page, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;
const { WALL_EMAIL = '', WALL_PASSWORD = '' } = process.env;

interface Played {
  committed_at: number;
  id: string;
}

/** Lets it happen in the contact center; answers when it is committed. */
async function play(page: Page, what: string, values: Record<string, string> = {}): Promise<Played> {
  const answer = await page.request.post(
    `${CONSOLE_URL}/played/${what}?${new URLSearchParams(values).toString()}`,
  );
  expect(answer.ok(), `${what}: ${answer.status()}`).toBe(true);
  return (await answer.json()) as Played;
}

/** Lets it happen, and measures from the commit until the page shows this text, or no longer; below a second. */
async function measured(
  page: Page,
  what: string,
  text: string,
  values: Record<string, string>,
  gone = false,
) {
  await page.evaluate(
    ([wanted, away]) => {
      const shown = () => document.body.innerText.includes(wanted) !== away;
      const seen = new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!shown()) return;
          observer.disconnect();
          resolve(Date.now());
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      Object.assign(window, { seen });
    },
    [text, gone] as const,
  );
  const { committed_at, id } = await play(page, what, values);
  const at = await page.evaluate(() => (window as unknown as { seen: Promise<number> }).seen);
  const took = Math.max(0, Math.round(at - committed_at));
  console.log(`shown after: ${what} ${took} ms`);
  expect(took).toBeLessThan(1_000);
  return id;
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
}

const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

test.describe.configure({ mode: 'serial' });

test('the board shows what happens within a second, what is wrong and what to do', async ({ page }) => {
  const complaints = complaintsOf(page);
  await play(page, 'past');
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await expect(page.getByRole('heading', { level: 1, name: 'Board' })).toBeVisible();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await expect(page.getByText('Nobody is on the phone.')).toBeVisible();
  await expect(page.getByText('Up to date')).toBeVisible();

  const id = await measured(page, 'rings', '+15550142', { name: 'lena', text: '+15550142' });
  const call = page.locator(`tr[data-call="${id}"]`);
  await expect(call).toContainText('Ringing');
  await measured(page, 'talks', 'Talking', { name: 'lena' });
  await expect(call).toContainText('AI agent');
  await measured(page, 'says', 'Where is my order 4711?', {
    name: 'lena',
    text: 'caller: Where is my order 4711?',
  });
  await play(page, 'says', {
    name: 'lena',
    text: 'agent: It was shipped yesterday, by parcel post. It arrives tomorrow.',
  });
  await expect(call).toContainText('AI agent: It was shipped yesterday');
  await expect(call).not.toContainText('Where is my order');

  await measured(page, 'rings', '+15550177', { name: 'paul', text: '+15550177' });
  await measured(page, 'ends', '+15550177', { name: 'paul' }, true);

  const line = page.locator('tr[data-queue="back_office"]');
  await expect(line.locator('td').first()).toHaveText('0');
  await play(page, 'rings', { name: 'ina', to: '+15550102', text: '+15550158' });
  await play(page, 'waits', { name: 'ina' });
  await expect(line.locator('td').first()).toHaveText('1');
  const alert = page.locator('li[data-kind="queue_waits"]');
  await expect(alert).toContainText(/Somebody has waited \d:\d\d in back_office/);
  await expect(alert).toContainText('See which skills the queue asks for');

  await expect(page.locator('tr[data-queue="support"]')).toContainText('92%');
  await play(page, 'rings', { name: 'omar', text: '+15550163' });
  await play(page, 'talks', { name: 'omar' });
  await play(page, 'says', {
    name: 'omar',
    text: 'caller: I would like to send something back, is that free of charge?',
  });
  await expectAccessible(page);
  await picture(page, 'board');
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await expectAccessible(page);
  await page.setViewportSize({ width: 820, height: 1180 });
  await expectNoSidewaysScroll(page);
  await page.screenshot({ path: test.info().outputPath('board-tablet.png'), animations: 'disabled' });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByText('DE', { exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Übersicht' })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.screenshot({
    path: test.info().outputPath('board-german.png'),
    animations: 'disabled',
    fullPage: true,
  });
  await page.getByText('EN', { exact: true }).click();

  const worker = page.locator('tr[data-worker^="agent"]');
  await expect(worker).toContainText('2 of 6');
  await worker.getByRole('button', { name: /^Drain/ }).press('Enter');
  const question = page.getByRole('dialog');
  await expect(question).toContainText('stops when its 2 calls are done');
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Drain it' }).click();
  await expect(worker).toContainText('Draining');
  await expect(question).toBeHidden();
  await expect(worker.getByRole('button')).toHaveCount(0);
  await expect(page.locator('li[data-kind="no_agents"]')).toContainText('Start an agent worker');
  await region(page, 'Calls').getByRole('link', { name: '+15550163' }).click();
  await expect(page).toHaveURL(/\/calls\/.+/);
  expect(complaints).toEqual([]);
});

test('the wallboard ticks by itself, says that it is cut off, and wakes again; a viewer has no controls', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto(`${CONSOLE_URL}/wallboard`);
  await signIn(page, WALL_EMAIL, WALL_PASSWORD);
  const longest = page.locator('tr[data-queue="back_office"] td').nth(1);
  await expect(longest).toHaveText(/\d+:\d\d/);
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('link')).toHaveCount(0);
  await expectAccessible(page);
  await picture(page, 'wallboard');
  const dark = await page.getByRole('main').evaluate((wall) => getComputedStyle(wall).backgroundColor);
  expect(dark).toBe('rgb(14, 17, 20)');

  // Nobody is asked meanwhile: the age goes on all the same.
  await page.route('**/api/board*', (route) => route.abort());
  const before = await longest.innerText();
  await expect(longest).not.toHaveText(before, { timeout: 3_000 });
  await page.unroute('**/api/board*');

  const age = page.getByTestId('freshness');
  await expect(age).toHaveText('Live');
  await play(page, 'goes');
  await expect(age).toContainText('No connection – figures of');
  await expect(longest).toHaveText(/\d+:\d\d/);
  await expectAccessible(page);
  await expect(age).toHaveText('Live', { timeout: 30_000 });
  await play(page, 'ends', { name: 'ina' });
  await expect(longest).toHaveText('–');
  expect(complaints).toEqual([]);
});
