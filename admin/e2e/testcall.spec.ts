import { expect, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';
import { CONSOLE_EMAIL, CONSOLE_PASSWORD, CONSOLE_URL, playing } from './microphone';

test.use({
  permissions: ['microphone'],
  launchOptions: playing,
});

test('who calls from the page talks with the agent, reads along, and hangs up', async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.goto(`${CONSOLE_URL}/profiles/shop`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  const panel = page.getByRole('region', { name: 'Test call' });
  await panel.getByRole('button', { name: 'Test call' }).click();
  await expect(panel.getByRole('status')).toHaveText('Talking');
  const words = page.getByRole('log', { name: 'Live transcript' });
  await expect(words).toContainText('How can I help you');
  await expect(words).toContainText(/order 4712/i);
  await expect(words).toContainText(/delayed/i);
  await expect(panel.getByText('Answer 1')).toBeVisible();
  const milliseconds = Number(/(\d+) ms/.exec(await panel.getByRole('listitem').first().innerText())?.[1]);
  expect(milliseconds).toBeGreaterThan(0);
  expect(milliseconds).toBeLessThan(10_000);
  await expectAccessible(page);
  await picture(page, 'test-call');
  await panel.getByRole('button', { name: 'Hang up' }).click();
  await expect(panel.getByRole('status')).toContainText('The call is over.');
  await expect(panel.getByText('Completed')).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Call again' })).toBeVisible();
  expect(complaints).toEqual([]);
});
