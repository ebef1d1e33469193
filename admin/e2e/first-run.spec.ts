import { expect, test } from '@playwright/test';
import { complaintsOf, signIn } from './console';

const env = process.env;
const [NUMBER, RULE, SENTENCE] = [
  env.CONSOLE_NUMBER ?? '',
  env.CONSOLE_RULE ?? '',
  env.CONSOLE_SENTENCE ?? '',
];

test('a newcomer signs in, changes a rule, tries it, publishes it, and sees the call take it', async ({
  page,
}) => {
  const complaints = complaintsOf(page);
  await page.goto(env.CONSOLE_URL ?? '');
  await signIn(page, env.CONSOLE_EMAIL ?? '', env.CONSOLE_PASSWORD ?? '');
  await page.getByRole('link', { name: 'Routing' }).click();

  const rule = page.getByRole('list', { name: 'Rules' }).locator('> li').filter({ hasText: NUMBER }).last();
  await rule.getByRole('button', { expanded: false }).click();
  const form = page.getByRole('list', { name: 'Rules' });
  await form.getByLabel('Name', { exact: true }).fill(RULE);
  await form.getByLabel('What is said').fill(SENTENCE);

  const tried = page.getByRole('tabpanel', { name: 'Try it' });
  await tried.getByRole('combobox', { name: 'Dialled number' }).fill(NUMBER);
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Decision' })).toContainText(`Message: ${SENTENCE}`);

  await page.getByRole('button', { name: 'Publish…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish these rules' });
  await expect(dialog.getByRole('list', { name: 'Changes' })).toContainText(SENTENCE);
  await dialog.getByLabel('Note').fill('My first change');
  await dialog.getByRole('button', { name: 'Publish now' }).click();
  await expect(page.getByText(/Version \d+ routes calls now/)).toBeVisible();

  await page.getByRole('link', { name: 'Calls' }).click();
  await page.getByRole('row').filter({ hasText: NUMBER }).first().getByRole('link').click();
  await expect(page.getByRole('region', { name: 'Routing' })).toContainText(RULE);
  await expect(page.getByRole('region', { name: 'Live transcript' })).toContainText(SENTENCE);
  expect(complaints).toEqual([]);
});
