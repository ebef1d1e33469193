import { expect, test } from '@playwright/test';
import { complaintsOf, expectAccessible, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;

test('every place of the side bar opens under its name, at every width', async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  const places = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  await expect(places.first()).toBeVisible();
  const heading = page.getByRole('heading', { level: 1 });
  let before = '';
  for (const name of await places.allInnerTexts()) {
    await places.filter({ hasText: name }).click();
    await expect(places.filter({ hasText: name })).toHaveAttribute('aria-current', 'page');
    await expect(heading, `${name} shows a page of its own`).not.toHaveText(before);
    before = await heading.innerText();
    await expectAccessible(page);
    await page.setViewportSize({ width: 820, height: 1180 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `${name} scrolls sideways on a tablet`).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  expect(complaints).toEqual([]);
});
