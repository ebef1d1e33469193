import { expect, type Page, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';
import { CONSOLE_EMAIL, CONSOLE_PASSWORD, CONSOLE_URL, playing } from './microphone';

/** So long the phone listens to each mode; the microphone's file begins with words and then sounds all the time. */
const LISTEN_MS = 3_000;
const WORDS_MS = 9_000;

test.use({
  permissions: ['microphone'],
  launchOptions: playing,
});

const standing = (page: Page) =>
  page.getByRole('region', { name: 'Your part in this call' }).getByRole('status');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** From now on, for some seconds, the phone hears what this mode lets it hear. */
async function measured(page: Page, mode: string): Promise<void> {
  console.log(`mark: ${mode} ${Date.now()}`);
  await page.waitForTimeout(LISTEN_MS);
}

/** Presses it, and tells the figures how many milliseconds passed from the click until the page said so. */
async function press(page: Page, name: string, words: string): Promise<void> {
  await page.evaluate((wanted) => {
    let clicked = 0;
    const onClick = () => {
      clicked = performance.now();
    };
    addEventListener('click', onClick, { capture: true, once: true });
    const took = new Promise<number>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!document.body.innerText.includes(wanted)) return;
        observer.disconnect();
        resolve(performance.now() - clicked);
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    Object.assign(window, { took });
  }, words);
  await button(page, name).click();
  await expect(standing(page)).toHaveText(words);
  const took = await page.evaluate(() => (window as unknown as { took: Promise<number> }).took);
  const asked = await page.evaluate(() => {
    const orders = performance
      .getEntriesByType('resource')
      .filter(({ name: url }) => /mode$|accept$|hand-back$/.test(url));
    return orders.at(-1)?.duration ?? 0;
  });
  console.log(
    `took: ${name.replaceAll(' ', '_')} ${Math.round(took)} ms, the server ${Math.round(asked)} ms`,
  );
}

test('a supervisor takes a call over, whispers, barges in, comes back after a reload, hands back and ends it', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await page.goto(`${CONSOLE_URL}/escalations`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await expect(button(page, 'Your status: Available')).toBeVisible();
  await expect(page.getByText('Rings for you')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('log', { name: 'Live transcript' })).toContainText('talk to a person');

  await press(page, 'Accept', 'You lead. The agent listens.');
  await expect(page).toHaveURL(/\/calls\//);
  const words = page.getByRole('log', { name: 'Live transcript' });
  await expect(words.locator('[data-speaker="supervisor"]')).toContainText('sending you a new parcel');
  const others = page.getByRole('meter', { name: 'The others' });
  await expect.poll(() => others.evaluate((meter: HTMLMeterElement) => meter.value)).toBeGreaterThan(20);
  await expect
    .poll(() => page.getByRole('meter', { name: 'You' }).evaluate((meter: HTMLMeterElement) => meter.value))
    .toBeGreaterThan(20);
  await expect(words).toContainText('where is my order');
  await expectAccessible(page);
  await picture(page, 'take-over');
  await measured(page, 'take_over');

  await page.keyboard.press('Alt+k');
  await page.keyboard.type('offer the caller a refund');
  await page.keyboard.press('Enter');
  const whispers = page.getByRole('log', { name: 'Whispers in this call' });
  await expect(whispers.locator('[data-heard]')).toHaveText(/\w/);

  await press(page, 'Whisper', 'You whisper. Only the agent hears you.');
  await measured(page, 'whisper');
  await expectAccessible(page);
  await press(page, 'Barge in', 'You are heard by all. The agent leads.');
  await measured(page, 'barge');
  await press(page, 'Whisper', 'You whisper. Only the agent hears you.');
  await measured(page, 'whisper_again');

  await page.reload();
  await expect(standing(page)).toHaveText('You whisper. Only the agent hears you.');
  await page.waitForTimeout(WORDS_MS);
  await measured(page, 'whisper_reloaded');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 820, height: 1180 });
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath('part-dark-820.png') });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.keyboard.press('Alt+t');
  await expect(standing(page)).toHaveText('You lead. The agent listens.');
  await measured(page, 'take_over_again');
  await page.keyboard.press('Alt+m');
  await expect(button(page, 'Unmute')).toBeVisible();
  await measured(page, 'muted');
  await press(page, 'Hand back', 'You listen. Nobody hears you.');
  await expect(button(page, 'Hand back')).toBeDisabled();
  await expect(button(page, 'Mute')).toBeDisabled();
  await measured(page, 'monitor');
  await press(page, 'Take over', 'You lead. The agent listens.');

  await page.getByRole('button', { name: 'End call' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End call' }).click();
  await expect(page.getByText('A supervisor ended the call').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Your part in this call' })).toBeHidden();
  await expect(page.getByRole('button', { name: /Your status: (Wrap-up|Available)/ })).toBeVisible();
  expect(complaints).toEqual([]);
});
