import { expect, type Page, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

/**
 * Against the real API: CONSOLE_URL, CONSOLE_EMAIL, CONSOLE_PASSWORD say where and as whom. With CONSOLE_CALL_ID the
 * journey opens that call, without it the newest one; CONSOLE_WORDS are words its transcript has to show, parted by "|".
 */
const { CONSOLE_URL, CONSOLE_EMAIL, CONSOLE_PASSWORD, CONSOLE_CALL_ID, CONSOLE_WORDS } = process.env;

test.skip(!CONSOLE_URL || !CONSOLE_EMAIL || !CONSOLE_PASSWORD, 'no running stack is named by CONSOLE_URL');

async function signedInAt(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, CONSOLE_URL).href);
  await signIn(page, CONSOLE_EMAIL ?? '', CONSOLE_PASSWORD ?? '');
  await expect(page.getByText('Up to date')).toBeVisible();
}

test('somebody who is not signed in sees no call', async ({ page }) => {
  await page.goto(new URL('/calls', CONSOLE_URL).href);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  const answer = await page.request.get(new URL('/api/calls', CONSOLE_URL).href);
  expect(answer.status()).toBe(401);
});

test('a wrong password is refused in place', async ({ page }) => {
  await page.goto(CONSOLE_URL ?? '');
  await signIn(page, CONSOLE_EMAIL ?? '', 'certainly not this one');
  await expect(page.getByRole('alert')).toContainText('Email or password is wrong.');
});

test('a real call is in the list and its words are in the transcript', async ({ page }) => {
  const complaints = complaintsOf(page);
  await signedInAt(page, '/calls');
  const rows = page.locator(CONSOLE_CALL_ID ? `tr[data-call="${CONSOLE_CALL_ID}"]` : 'tr[data-call]');
  await expect(rows.first()).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'calls');
  await rows.first().getByRole('link').click();

  const transcript = page.getByRole('region', { name: 'Live transcript' });
  await expect(transcript).toBeVisible();
  for (const words of (CONSOLE_WORDS ?? '').split('|').filter(Boolean)) {
    await expect(transcript.getByText(words).first()).toBeVisible({ timeout: 25_000 });
  }
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText('Call arrived')).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'call');
  expect(complaints).toEqual([]);
});

test('the promises are looked at while calls go on', async ({ page }) => {
  const complaints = complaintsOf(page);
  await signedInAt(page, '/invariants');
  for (const name of ['I1', 'I2', 'I3', 'I4', 'I5']) {
    await expect(page.getByRole('region', { name, exact: true })).toContainText('0 violations');
  }
  await expect(page.getByText('All promises are kept')).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'invariants');
  expect(complaints).toEqual([]);
});

test('signing out ends the session on the server too', async ({ page }) => {
  await signedInAt(page, '/calls');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Email', { exact: true })).toBeVisible();
  const answer = await page.request.get(new URL('/api/session', CONSOLE_URL).href);
  expect(answer.status()).toBe(401);
});
