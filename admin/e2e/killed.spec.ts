import { type BrowserContext, chromium, expect, type Page, test } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { signIn } from './console';
import { CONSOLE_CALL, CONSOLE_EMAIL, CONSOLE_PASSWORD, CONSOLE_URL, playing } from './microphone';

/** So long the phone hears them lead, and so long it has heard the agent again before they come back. */
const LEAD_MS = 2_000;
const DEAD_MS = 6_000;

const open = (profile: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    ...playing,
    locale: 'en-US',
    permissions: ['microphone'],
  });

/** The browser's own process: the one with this profile that no other one of it has started. */
function processOf(profile: string): number {
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      const started = words.some((word) => word.startsWith('--type='));
      return words.includes(`--user-data-dir=${profile}`) && !started;
    } catch {
      return false; // it has ended meanwhile
    }
  });
  expect(found).toHaveLength(1);
  return Number(found[0]);
}

const part = (page: Page) => page.getByRole('region', { name: 'Your part in this call' });

async function openCall(context: BrowserContext): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${CONSOLE_URL}/calls/${CONSOLE_CALL}`);
  const email = page.getByLabel('Email', { exact: true });
  await expect(email.or(part(page))).toBeVisible();
  if (await email.isVisible()) await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  return page;
}

test('a browser that is killed while it leads can go back into the call as it was', async () => {
  const profile = test.info().outputPath('profile');
  const first = await open(profile);
  const page = await openCall(first);
  await page.getByRole('button', { name: 'Take over', exact: true }).click();
  await expect(part(page).getByRole('status')).toHaveText('You lead. The agent listens.');
  await page.waitForTimeout(LEAD_MS);

  const gone = new Promise((resolve) => first.once('close', resolve));
  process.kill(processOf(profile), 'SIGKILL');
  console.log(`mark: killed ${Date.now()}`);
  await gone;
  await new Promise((resolve) => setTimeout(resolve, DEAD_MS));

  const second = await open(profile);
  const again = await openCall(second);
  await expect(part(again).getByRole('alert')).toContainText('The connection was lost');
  await part(again).getByRole('button', { name: 'Go back into the call' }).click();
  await expect(part(again).getByRole('status')).toHaveText('You lead. The agent listens.');
  console.log(`mark: back ${Date.now()}`);
  await second.close();
});
