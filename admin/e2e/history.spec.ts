import { expect, type Page, test } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

/** The calls of tests/browser/test_history.py; CONSOLE_LIVE is one that lives, CONSOLE_PAST one with earlier calls. */
const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '', CONSOLE_LIVE = '' } = process.env;
const { CONSOLE_PAST = '' } = process.env;

async function signedInAt(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, CONSOLE_URL).href);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await expect(page.getByText('Up to date')).toBeVisible();
}

async function neverScrollsSideways(page: Page): Promise<void> {
  await page.setViewportSize({ width: 820, height: 1180 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
}

test('a past call is found by its words, opened at them, and the list is taken away', async ({ page }) => {
  const complaints = complaintsOf(page);
  await signedInAt(page, '/history');
  const found = page.getByRole('region', { name: 'Calls found' });
  await expect(found.getByRole('listitem').first()).toBeVisible();

  await page.getByLabel('What was said').fill('refunding');
  await expect(found.locator('mark')).toHaveText(['refund', 'refund']);
  await expect(page).toHaveURL(/q=refunding/);
  await expectAccessible(page);
  await picture(page, 'history');

  await page.getByLabel('Outcome').selectOption('abandoned');
  await expect(found.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(page.getByLabel('What was said')).toHaveValue('');
  await page.getByLabel('Number begins with').fill('+49 30');
  await expect(found.locator('li[data-call]')).toHaveCount(3);
  await page.getByLabel('Lasted at least').fill('100');
  await page.getByLabel('Lasted at most').fill('50');
  await expect(page.getByText('Not before the beginning')).toBeVisible();
  await page.getByLabel('Lasted at most').fill('');
  await page.reload();
  await expect(page.getByLabel('Lasted at least')).toHaveValue('100 s');

  await page.goto(new URL('/history?q=refund', CONSOLE_URL).href);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const file = await (await downloading).path();
  const lines = (await readFile(file, 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('id,arrived_at');

  await found.getByRole('link', { name: /refund for order 4712/ }).click();
  await expect(page.locator('[data-marked]')).toContainText('refund for order 4712');
  await page.goBack();
  await expect(page.getByLabel('What was said')).toHaveValue('refund');
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await picture(page, 'history-dark');
  await neverScrollsSideways(page);
  expect(complaints).toEqual([]);
});

test('a call tells its story in either language, and who called before', async ({ page }) => {
  const complaints = complaintsOf(page);
  await signedInAt(page, `/calls/${CONSOLE_PAST}`);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline).toContainText('The rule “Main line” decided: into a queue.');
  await expect(timeline).toContainText('A supervisor ended the call. Call ended: Completed.');
  const earlier = page.getByRole('region', { name: 'Earlier calls of this caller' });
  await expect(earlier.getByRole('listitem')).toHaveCount(1);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the transcript as text' }).click();
  const text = await readFile(await (await downloading).path(), 'utf8');
  expect(text).toContain('caller: I want a refund for order 4712');
  await expectAccessible(page);
  await page.getByText('DE', { exact: true }).click();
  await expect(page.getByText('Die Regel „Main line“ hat entschieden: in eine Warteschlange.')).toBeVisible();
  await neverScrollsSideways(page);
  expect(complaints).toEqual([]);
});

test('words that are not final are shown as such, and somebody who may ends the call', async ({ page }) => {
  const complaints = complaintsOf(page);
  await signedInAt(page, `/calls/${CONSOLE_LIVE}`);
  const transcript = page.getByRole('region', { name: 'Live transcript' });
  await expect(transcript.locator('[data-interim]')).toContainText('but when will it', { timeout: 15_000 });
  await picture(page, 'call-live');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'End call' }).click();
  const dialog = page.getByRole('dialog', { name: 'End this call?' });
  await expect(dialog.getByRole('button', { name: 'Keep it going' })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(new RegExp(CONSOLE_LIVE));
  await page.getByRole('button', { name: 'End call' }).click();
  await dialog.getByRole('button', { name: 'End call' }).click();
  await expect(page.getByText('by a supervisor')).toBeVisible();
  await expect(page.getByRole('button', { name: 'End call' })).toBeHidden();
  await expect(transcript.locator('[data-interim]')).toBeHidden();
  expect(complaints).toEqual([]);
});
