import { expect, type Page, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;
const NEW_PASSWORD = 'a sentence of my own';

test.use({ actionTimeout: 10_000 });

async function open(page: Page, place: string) {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: place, exact: true })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible();
}

async function secretOf(page: Page): Promise<string> {
  const secret = await page.getByTestId('secret').innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  return secret;
}

async function expectNarrow(page: Page) {
  await page.setViewportSize({ width: 820, height: 1180 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Somebody who may only look becomes a supervisor with skills; another admin was faster with theirs, and nobody loses anything. */
async function giveSkills(page: Page) {
  const row = page.getByRole('row', { name: /viewer@office.test/ });
  const listed = async () => {
    const answer = await page.request.get(`${CONSOLE_URL}/api/supervisors`);
    const { items } = (await answer.json()) as { items: { id: string; name: string; skills: string[] }[] };
    return items.find(({ name }) => name === 'Viewer');
  };
  await page.reload();
  await page.getByRole('button', { name: 'Edit Viewer' }).click();
  await expect(page.getByRole('combobox', { name: 'Skills' })).toHaveCount(0);
  await page.getByLabel('Role').selectOption('supervisor');
  await page.getByRole('combobox', { name: 'Skills' }).pressSequentially('refunds,');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('refunds');
  expect((await listed())?.skills).toEqual(['refunds']);

  await page.reload();
  await page.getByRole('button', { name: 'Edit Viewer' }).click();
  await expect(page.getByRole('dialog').getByText('refunds', { exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: 'Skills' }).pressSequentially('invoices,');
  const others = await page.request.put(`${CONSOLE_URL}/api/users/${(await listed())?.id}/skills`, {
    headers: { 'X-CSRF': '1', origin: CONSOLE_URL },
    data: { skills: ['wine'] },
  });
  expect(others.status()).toBe(204);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/Somebody else has changed this user meanwhile: .* wine\./)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('invoices');
  expect((await listed())?.skills).toEqual(['invoices', 'refunds']);
  await picture(page, 'people');
  await expectNarrow(page);
}

test('a colleague is invited, joins, is given another role, and loses everything at once', async ({
  page,
  browser,
}) => {
  const complaints = complaintsOf(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await open(page, 'People');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByLabel('Email').fill(CONSOLE_EMAIL);
  await page.getByRole('button', { name: 'Make the link' }).click();
  await expect(page.getByText('the email of somebody who is no user yet')).toBeVisible();
  await page.getByLabel('Email').fill('noor@office.test');
  await page.getByLabel('Role').selectOption('analyst');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make the link' }).click();
  const link = await secretOf(page);
  await expect(page.getByRole('row', { name: /noor@office.test/ })).toContainText('open');

  const other = await browser.newContext();
  const noor = await other.newPage();
  const noorsComplaints = complaintsOf(noor);
  await noor.goto(link);
  await noor.getByLabel('Your name').fill('Noor');
  await noor.getByLabel('Password').fill('password1234');
  await noor.getByRole('button', { name: 'Set password' }).click();
  await expect(noor.getByText('another password')).toBeVisible();
  await expectAccessible(noor);
  await picture(noor, 'welcome');
  await noor.getByLabel('Password').fill(NEW_PASSWORD);
  await noor.getByRole('button', { name: 'Set password' }).click();
  await expect(noor.getByRole('heading', { level: 1, name: 'Board' })).toBeVisible();
  await expect(noor.getByRole('link', { name: 'People' })).toHaveCount(0);
  await expect(noor.getByRole('link', { name: 'API keys' })).toBeVisible();
  const used = await other.newPage();
  await used.goto(link);
  await expect(used.getByText('This link does not work')).toBeVisible();

  await giveSkills(page);
  await page.getByRole('button', { name: 'Edit Noor' }).click();
  await page.getByLabel('Role').selectOption('viewer');
  await expect(page.getByRole('combobox', { name: 'Skills' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Noor/ }).first()).toContainText('Viewer');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Edit Noor' }).click();
  await expect(page.getByText('Chrome on Linux')).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'person');
  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('button', { name: 'Enable' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row', { name: /Noor/ }).first()).toContainText('disabled');
  await noor.reload();
  await expect(noor.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await other.close();
  expect([...complaints, ...noorsComplaints]).toEqual([]);
});

test('a key is made and revoked, the password changed, and the audit tells it all', async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(CONSOLE_URL);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await open(page, 'API keys');
  await expect(page.getByText('No key yet')).toBeVisible();
  for (const name of ['wallboard', 'nightly export']) {
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('only this:').check();
    await page.getByRole('checkbox', { name: 'Follow events live' }).check();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Make the key' }).click();
    expect(await secretOf(page)).toMatch(/^cc_/);
  }
  await page.getByRole('button', { name: 'Revoke wallboard' }).click();
  await page.getByRole('button', { name: 'Really revoke?' }).click();
  await expect(page.getByRole('row', { name: /wallboard/ })).toContainText('revoked');
  await expectAccessible(page);
  await picture(page, 'keys');
  await expectNarrow(page);

  await open(page, 'My account');
  await page.getByLabel('Password as it is now').fill('wrong');
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('your password as it is now')).toBeVisible();
  await page.getByLabel('Password as it is now').fill(CONSOLE_PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The password is changed.')).toBeVisible();
  await expect(page.getByRole('row', { name: /this one/ })).toHaveCount(1);
  await expectAccessible(page);
  await picture(page, 'account');
  await expectNarrow(page);

  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, 'Audit');
  const entries = page.getByRole('list', { name: 'Audit' }).getByRole('listitem');
  await expect(entries.first()).toContainText('Password');
  await page.getByLabel('Thing').selectOption('user');
  await expect(page).toHaveURL(/thing=user/);
  await expect(entries.first()).toContainText('disabled');
  await expect(entries.first().locator('ins')).toHaveText('true');
  await expectAccessible(page);
  await picture(page, 'audit');
  await expectNarrow(page);
  await page.getByLabel('Person').selectOption('noor@office.test');
  await expect(entries).toHaveCount(1);
  await expect(entries.first()).toContainText('created');
  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await expect(page.getByText('Nothing fits this filter')).toBeVisible();
  expect(complaints).toEqual([]);
});
