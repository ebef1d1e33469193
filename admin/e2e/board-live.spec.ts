import { expect, test } from '@playwright/test';
import { complaintsOf, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '', CONSOLE_CALL_ID = '' } = process.env;

test('a call over a telephone is on the board with who leads it, its worker and its last words', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  const call = page.locator(`tr[data-call="${CONSOLE_CALL_ID}"]`);
  await expect(call).toContainText('Talking');
  await expect(call).toContainText('AI agent');
  await expect(call).toContainText('support');
  await expect(call).toContainText(/order 4712|delayed/i, { timeout: 25_000 });
  await expect(page.locator('tr[data-worker^="agent"]').first()).toContainText(/[1-9]\d* of \d+/);
  expect(complaints).toEqual([]);
});
