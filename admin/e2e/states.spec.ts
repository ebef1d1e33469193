import { expect, test } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { complaintsOf, expectAccessible, signIn } from './console';
import { demoCalls, invariants, segment } from './demoCalls';
import { CREDENTIALS, FakeApi } from './fakeApi';

let api: FakeApi;

test.beforeEach(async () => {
  api = new FakeApi();
  await api.start();
});

test.afterEach(async () => {
  await api.cut();
});

function fill() {
  for (const call of demoCalls()) api.calls.set(call.call.id, call);
}

test('a wrong password is refused in place, the right one leads to where one wanted to go', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  fill();
  await page.goto(`${api.url}/calls/done`);
  await expect(page).toHaveURL(/sign-in/);
  await signIn(page, CREDENTIALS.email, 'wrong');
  await expect(page.getByRole('alert')).toContainText('Email or password is wrong.');
  await expectAccessible(page);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page).toHaveURL(`${api.url}/calls/done`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Email')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('without calls the page says what to do', async ({ page }) => {
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.getByText('Call +15550100')).toBeVisible();
  await expectAccessible(page);
});

test('live calls stand on top, can be filtered, and their time runs', async ({ page }) => {
  fill();
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  const rows = page.locator('tr[data-call]');
  await expect(rows).toHaveCount(7);
  await expect(rows.first()).toContainText('Ringing');
  const duration = rows.first().locator('[data-column="duration"]');
  const before = await duration.innerText();
  await expect(duration).not.toHaveText(before);
  await expectAccessible(page);
  await page.getByText('Live', { exact: true }).click();
  await expect(rows).toHaveCount(3);
});

test('the keyboard alone chooses a call, opens it and comes back', async ({ page }) => {
  fill();
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.locator('tr[data-call]')).toHaveCount(7);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/calls\/talking/);
  await expect(page.getByRole('region', { name: 'Live transcript' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/calls$/);
});

test('words appear as they are said, unless the reader has scrolled up', async ({ page }) => {
  fill();
  const talking = api.calls.get('talking');
  for (let seq = 20; seq < 60; seq++)
    talking?.segments.push(segment(seq, 'caller', seq * 1_000, `Sentence ${seq}`));
  await page.goto(`${api.url}/calls/talking`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  const words = page.getByRole('region', { name: 'Live transcript' });
  await expect(words.getByText('Sentence 59')).toBeInViewport();
  api.say('talking', segment(60, 'agent', 60_000, 'Here is the newest.'));
  await expect(words.getByText('Here is the newest.')).toBeInViewport();

  await words.getByRole('log').evaluate((box) => {
    box.scrollTop = 0;
  });
  await expect(words.getByRole('button', { name: 'Newest words' })).toBeVisible();
  api.say('talking', segment(61, 'agent', 61_500, 'And one more.'));
  await expect(words.getByText('And one more.')).toBeAttached();
  await expect(words.getByText('And one more.')).not.toBeInViewport();
  await words.getByRole('button', { name: 'Newest words' }).click();
  await expect(words.getByText('And one more.')).toBeInViewport();
});

test('a lost connection is shown, and after it everything missed is there', async ({ page }) => {
  fill();
  await page.goto(`${api.url}/calls/talking`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.getByText('Up to date')).toBeVisible();
  await api.cut();
  await expect(page.getByText('Connection lost –')).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByText('Where is my order 4711?')).toBeVisible();
  api.say('talking', segment(30, 'caller', 30_000, 'Are you still there?'));
  await api.start();
  await expect(page.getByText('Are you still there?')).toBeVisible();
  await expect(page.getByText('Connection lost –')).toBeHidden();
});

test('an error answer is shown in place and can be tried again', async ({ page }) => {
  fill();
  api.failing = true;
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.getByRole('alert')).toContainText('The database does not answer.');
  await expectAccessible(page);
  api.failing = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('tr[data-call]')).toHaveCount(7);
});

test('a call that does not exist says so', async ({ page }) => {
  await page.goto(`${api.url}/calls/nowhere`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.getByText('There is nothing under this address.')).toBeVisible();
});

test('kept promises are said so, and a broken one names its calls, without a reload', async ({ page }) => {
  const complaints = complaintsOf(page);
  fill();
  api.invariants = invariants();
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await page.getByRole('link', { name: 'Invariants' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'All promises are kept' })).toBeVisible();
  await expect(page.getByText('0 violations')).toHaveCount(5);
  const rule = page.getByRole('region', { name: 'I3', exact: true });
  await expect(rule).toContainText('A seat is busy until its job is confirmed gone');
  await expectAccessible(page);

  const detail = 'seat 1 is held by offer 2, which is released';
  const many = Array.from({ length: 12 }, () => ({ call_id: 'done', detail }));
  api.invariants = invariants({ I3: many.map((one, place) => ({ ...one, detail: `${detail} (${place})` })) });
  await expect(page.getByRole('alert')).toContainText('Broken: I3');
  await expect(rule).toContainText('12 violations');
  await expect(rule).toContainText('and 2 more');
  await expect(page.getByText('All promises are kept')).toBeHidden();
  await expectAccessible(page);
  await rule.getByRole('link', { name: 'done' }).first().click();
  await expect(page).toHaveURL(`${api.url}/calls/done`);
  expect(complaints).toEqual([]);
});

test('the invariant page says when nobody answers, claims nothing meanwhile, and heals', async ({ page }) => {
  api.invariants = invariants();
  await page.goto(`${api.url}/invariants`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await expect(page.getByText('All promises are kept')).toBeVisible();
  await api.cut();
  const notice = page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' });
  await expect(notice).toBeVisible();
  await expect(page.getByText('All promises are kept')).toBeHidden();
  await expect(page.getByText('Last look')).toBeVisible();
  await expectAccessible(page);
  await api.start();
  await expect(page.getByText('All promises are kept')).toBeVisible();
  await expect(notice).toBeHidden();
});

for (const scheme of ['light', 'dark'] as const) {
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['tablet', 820, 1180],
  ] as const) {
    test(`in ${scheme} on a ${device} everything is readable and fits`, async ({ page }, info) => {
      const complaints = complaintsOf(page);
      fill();
      api.invariants = invariants({ I4: [{ call_id: 'done', detail: 'offers 1 and 2 led at once' }] });
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${api.url}/calls`);
      await expect(page.getByLabel('Email')).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: info.outputPath('sign-in.png'), fullPage: true });
      await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
      await expect(page.locator('tr[data-call]')).toHaveCount(7);
      await expectAccessible(page);
      await page.screenshot({ path: info.outputPath('calls.png'), fullPage: true });
      await page.getByRole('link', { name: '+4915550123' }).first().click();
      await expect(page.getByText('Where is my order 4711?')).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: info.outputPath('call.png'), fullPage: true });
      await page.getByRole('link', { name: 'Invariants' }).click();
      await expect(page.getByText('Broken: I4')).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: info.outputPath('invariants.png'), fullPage: true });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
    });
  }
}

test('language and colours can be switched and are remembered, within the content security policy', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  fill();
  await page.goto(`${api.url}/calls`);
  await signIn(page, CREDENTIALS.email, CREDENTIALS.password);
  await page.getByText('DE', { exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Anrufe' })).toBeVisible();
  await page.getByRole('button', { name: 'Zu dunklen Farben wechseln' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Anrufe' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('link', { name: '+4915550123' }).first().click();
  await expect(page.getByRole('region', { name: 'Live-Mitschrift' })).toBeVisible();
  expect(complaints).toEqual([]);
});

test('the first load stays under 300 kB of gzipped script', async ({ page }) => {
  const scripts: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body());
  });
  await page.goto(api.url);
  await expect(page.getByLabel('Email')).toBeVisible();
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
});
