import { expect, test, type Page } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;

async function open(page: Page): Promise<void> {
  await page.goto(`${CONSOLE_URL}/profiles`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);
}

async function saveIt(page: Page, version: number): Promise<void> {
  await page.getByRole('button', { name: `Save as version ${version}` }).click();
  await expect(page.getByText(`Version ${version} is in use for the next call.`)).toBeVisible();
}

test.use({ actionTimeout: 10_000 });

const GET_A_HUMAN = {
  after_misunderstandings: 3,
  keywords: ['lawyer'],
  caller_list: 'vip',
  after_seconds: 600,
};
const NOTED = [
  { name: 'Who', description: "the caller's name" },
  { name: 'Where', description: '' },
];

/** What somebody else does at the same time, without the page. */
async function elsewhere(page: Page, method: 'put' | 'delete', path: string): Promise<void> {
  const edition = method === 'put' ? 'if-none-match' : 'if-match';
  const headers = { 'X-CSRF': '1', origin: CONSOLE_URL, [edition]: '*' };
  const answer = await page.request[method](`${CONSOLE_URL}${path}`, {
    headers,
    ...(method === 'put' && { data: { entries: [{ number: '+15551230001' }] } }),
  });
  expect(answer.ok()).toBe(true);
}

/** When a human is asked for, and what is noted while one leads: refused in place, mended, kept as version 4. */
async function askForHumans(page: Page): Promise<void> {
  const asks = page.getByRole('region', { name: 'When a human is asked for' });
  const notes = page.getByRole('region', { name: 'What it notes while a human leads' });
  const save = page.getByRole('button', { name: 'Save as version 4' });
  const misunderstood = asks.getByRole('textbox', { name: 'The agent has not understood' });
  const says = asks.getByRole('combobox', { name: 'The caller says' });
  await misunderstood.fill('1');
  await asks.getByRole('textbox', { name: 'The agent has talked for' }).fill('600');
  await says.pressSequentially('lawyer,??,');
  await asks.getByRole('combobox', { name: 'The caller is in the list' }).click();
  await page.getByRole('option', { name: 'gone' }).click();
  await notes.getByRole('button', { name: 'Add a field' }).click();
  await expect(notes.getByRole('textbox', { name: 'Name of field 1' })).toBeFocused();
  await page.keyboard.type('Where');
  await notes.getByRole('button', { name: 'Add a field' }).click();
  await save.click();
  await expect(misunderstood).toBeFocused();
  await expect(asks.getByText('at least 2')).toBeVisible();
  await expect(notes.getByText('at least 1 characters')).toBeVisible();

  await misunderstood.fill('3');
  await notes.getByRole('textbox', { name: 'Name of field 2' }).fill('where');
  await elsewhere(page, 'delete', '/api/caller-lists/gone');
  await save.click();
  await expect(asks.getByText('??: a word, or words in a row')).toBeVisible();
  await expect(asks.getByText('an existing caller list: vip')).toBeVisible();
  await expect(notes.getByText('a name of its own: field 1 has this one')).toBeVisible();
  await expectAccessible(page);

  await says.press('Backspace');
  await asks.getByRole('combobox', { name: 'The caller is in the list' }).click();
  await page.getByRole('option', { name: 'vip' }).click();
  await notes.getByRole('textbox', { name: 'Name of field 2' }).fill('Who');
  await notes.getByRole('textbox', { name: 'What belongs into field 2' }).fill("the caller's name");
  await notes.getByRole('button', { name: 'Add a field' }).click();
  await notes.getByRole('button', { name: 'Remove field 3' }).click();
  await notes.getByRole('button', { name: 'Move Who up' }).click();
  await expect(notes.getByRole('button', { name: 'Move Who down' })).toBeFocused();
  await saveIt(page, 4);

  await page.reload();
  await expect(misunderstood).toHaveValue('3 times');
  await expect(asks.getByText('lawyer', { exact: true })).toBeVisible();
  await expect(asks.getByRole('combobox', { name: 'The caller is in the list' })).toHaveValue('vip');
  await expect(notes.getByRole('textbox', { name: 'Name of field 1' })).toHaveValue('Who');
  const kept = (await (await page.request.get(`${CONSOLE_URL}/api/profiles/night`)).json()) as object;
  expect(kept).toMatchObject({
    escalation: GET_A_HUMAN,
    fields: NOTED,
    llm: { api_key_env: 'OPENAI_NIGHT_KEY' },
  });
  await asks.evaluate((panel) => {
    panel.scrollIntoView();
  });
  await picture(page, 'profile-escalation');
  const versions = page.getByRole('region', { name: 'Versions' });
  await versions.getByRole('button', { name: 'What differs from now' }).first().click();
  await expect(versions.getByText('noted fields: with Who, Where')).toBeVisible();
}

/** A list by which a profile asks for a human is not deleted, and the page says which profile that is. */
async function keepTheList(page: Page): Promise<void> {
  await page.goto(`${CONSOLE_URL}/caller-lists?open=vip`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText(/^Others of the set-up name it/)).toBeVisible();
  await expect(page.getByText(/^profiles\.night\.escalation\.caller_list: expected/)).toBeVisible();
  await page.goto(`${CONSOLE_URL}/profiles/night`);
}

test('a profile is made, changed, compared and rolled back, and two admins lose nothing', async ({
  page,
  browser,
}) => {
  const complaints = complaintsOf(page);
  await open(page);
  await expect(page.getByRole('link', { name: 'shop' })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'profiles');
  for (const list of ['vip', 'gone']) await elsewhere(page, 'put', `/api/caller-lists/${list}`);

  await page.getByRole('link', { name: 'New profile' }).click();
  await page.getByLabel('Name').fill('Night Desk');
  await page.getByRole('textbox', { name: 'Instructions' }).fill('Answer at night.\nBe brief.');
  await page.getByRole('textbox', { name: 'Greeting' }).fill('Good evening.');
  const create = page.getByRole('button', { name: 'Create profile' });
  await create.click();
  await expect(page.getByText('small letters, digits, _ and -').first()).toBeVisible();
  await page.getByLabel('Name').fill('night');
  await page.getByLabel('Address').nth(1).fill('http://10.0.0.1/v1');
  await create.click();
  await expect(page.getByText(/a public address, or a host that/).first()).toBeVisible();
  await page.getByLabel('Address').nth(1).fill('https://models.example.com/v1');
  await page.getByLabel('Variable with the key').nth(1).fill('OPENAI_NIGHT_KEY');
  for (const tool of ['end_call', 'ask_supervisor', 'search_knowledge'])
    await page.getByRole('checkbox', { name: tool }).check();
  await create.click();
  await expect(page.getByRole('heading', { name: 'night', level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'Enter key' }).nth(1).click();
  await page.getByLabel('New key for: Language model').fill('sk-live-abcdefghijkl-WXYZ');
  await page.getByRole('button', { name: 'Keep key' }).click();
  await expect(page.getByText('set, ends in WXYZ')).toBeVisible();

  await page.getByRole('textbox', { name: 'Greeting' }).fill('Good night.');
  await saveIt(page, 2);
  await expectAccessible(page);

  const versions = page.getByRole('region', { name: 'Versions' });
  await versions.getByRole('button', { name: 'What differs from now' }).click();
  await expect(versions.getByText('greeting: “Good evening.” → “Good night.”')).toBeVisible();
  await picture(page, 'profile-versions');
  await versions.getByRole('button', { name: 'Roll back to version 1' }).click();
  await expect(page.getByText('Version 3 is in use for the next call.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Greeting' })).toHaveValue('Good evening.');
  await askForHumans(page);
  await keepTheList(page);

  const other = await browser.newPage();
  await other.goto(`${CONSOLE_URL}/profiles/night`);
  await signIn(other, CONSOLE_EMAIL, CONSOLE_PASSWORD);
  await page.getByRole('textbox', { name: 'Goodbye' }).fill('Sleep well.');
  await other.getByRole('textbox', { name: 'Greeting' }).fill('Hello from another desk.');
  await saveIt(other, 5);
  await other.close();
  await page.getByRole('button', { name: /^Save as version/ }).click();
  await expect(page.getByText('Somebody else has saved version 5 meanwhile')).toBeVisible();
  await expect(page.getByText('greeting: “Good evening.” → “Hello from another desk.”')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Goodbye' })).toHaveValue('Sleep well.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Take theirs, drop mine' }).click();
  await expect(page.getByRole('textbox', { name: 'Greeting' })).toHaveValue('Hello from another desk.');
  await expect(page.getByRole('textbox', { name: 'Goodbye' })).toHaveValue('');

  await page.getByRole('button', { name: 'Delete profile' }).click();
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await expect(page.getByRole('heading', { name: 'Profiles', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: 'night' })).toHaveCount(0);

  await page.getByRole('link', { name: 'shop' }).click();
  await page.getByRole('button', { name: 'Delete profile' }).click();
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await expect(page.getByText(/queues\.support\.profile: expected another profile/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'Test call' })).toBeVisible();
  await picture(page, 'profile');
  await page.setViewportSize({ width: 820, height: 1180 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  await expect(page.getByRole('region', { name: 'Test call' })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: 'test-results/profile-dark-tablet.png', fullPage: true });
  expect(complaints).toEqual([]);
});
