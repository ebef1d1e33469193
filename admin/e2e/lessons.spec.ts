import { expect, test, type Page } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

/** The lessons of tests/browser/test_lessons.py. */
const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '', CONSOLE_MAY_REVIEW = '' } = process.env;

async function signedInAt(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, CONSOLE_URL).href);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
}

test('drafts are read with what was said, tried on the agent, edited, merged, approved and taken back', async ({
  page,
  browser,
}) => {
  test.setTimeout(90_000);
  if (CONSOLE_MAY_REVIEW !== 'yes') {
    await signedInAt(page, '/lessons');
    await page.getByRole('link', { name: /only half a sachet/ }).click();
    await expect(page.getByText('Admins review lessons. You can read them.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0);
    return;
  }
  const complaints = complaintsOf(page);
  await signedInAt(page, '/lessons');
  const list = page.getByRole('list', { name: 'Lessons found' });
  await expect(list.getByRole('listitem')).toHaveCount(4);
  await expect(page.getByText('Choose a lesson')).toBeVisible();
  await expectAccessible(page);

  await list.getByRole('link', { name: /only half a sachet/ }).click();
  const quotes = page.getByRole('region', { name: 'What was said' });
  await expect(quotes.getByText('only half a sachet')).toHaveCount(2);
  await expect(quotes.getByRole('link', { name: 'Open the call' })).toHaveCount(2);

  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const withIt = page.getByRole('region', { name: 'With this lesson', exact: true });
  await expect(withIt.getByText('Half a sachet will do')).toBeVisible();
  await expect(withIt.getByText('Was given this lesson')).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Without it' }).getByText('I do not know that'),
  ).toBeVisible();
  await expectAccessible(page);
  await page.evaluate(() => {
    window.scrollTo(0, 0);
  });
  await picture(page, 'lessons');
  await page.screenshot({ path: 'test-results/lesson-whole.png', fullPage: true });

  await page.getByRole('textbox', { name: 'Answer' }).fill(' ');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('some words').first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Answer' }).fill('Half a sachet, rinsed twice.');
  await page.getByLabel('Tags', { exact: true }).first().fill('kettles');
  await page.keyboard.press('Enter');
  await page.getByLabel('Expires on').fill('2031-05-01');
  await page.getByRole('button', { name: 'Save and approve' }).click();
  await expect(page.getByText('Approved. Agents find it from now on.')).toBeVisible();
  await expect(list.getByRole('listitem')).toHaveCount(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(4);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();

  const other = await browser.newPage();
  await signedInAt(other, new URL(page.url()).pathname + new URL(page.url()).search);
  await expect(other.getByRole('textbox', { name: 'Applies when' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Applies when' }).fill('household machines');
  await other.getByRole('textbox', { name: 'Answer' }).fill('Half a sachet, rinsed three times.');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.getByRole('button', { name: 'Merge…' })).toBeEnabled(); // it is saved
  await other.close();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert').getByText('Half a sachet, rinsed three times.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Go on with this' }).click();
  await expect(page.getByRole('textbox', { name: 'Answer' })).toHaveValue(
    'Half a sachet, rinsed three times.',
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Merge…' })).toBeEnabled();

  await page.getByRole('link', { name: /To review/ }).click();
  await list.getByRole('link', { name: /void the warranty/ }).click();
  await expect(page.getByText('A lesson asks much the same, and answers something else')).toBeVisible();
  await page.getByRole('button', { name: 'Merge…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Merge into another lesson' });
  await expect(dialog.getByRole('radio').first()).toBeChecked();
  await expectAccessible(page);
  await picture(page, 'lessons-merge');
  await dialog.getByRole('button', { name: 'Merge into this' }).click();
  await expect(page.getByText('Merged. The other lesson has its quotes.')).toBeVisible();

  await list.getByRole('link', { name: /cargo bike/ }).click();
  await expect(page.getByText('This looks like personal data')).toBeVisible();
  await page.getByRole('button', { name: 'Reject' }).click();
  await expect(page.getByText('Rejected. What is like it is not drafted again.')).toBeVisible();

  await page.getByRole('link', { name: /^Approved/ }).click();
  await page.getByLabel('Words in a lesson').fill('espresso');
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await list.getByRole('link', { name: /rinsed three times/ }).click();
  await expect(quotes.getByRole('link', { name: 'Open the call' })).toHaveCount(3);
  await page.getByText('DE', { exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Lektionen', level: 1 })).toBeVisible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  await expect(page.getByRole('region', { name: 'Was gesagt wurde' })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: 'test-results/lesson-dark.png', fullPage: true });
  await page.setViewportSize({ width: 820, height: 1180 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  await page.screenshot({ path: 'test-results/lesson-dark-tablet.png', fullPage: true });
  expect(complaints).toEqual([]);
});
