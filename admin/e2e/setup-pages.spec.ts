import { expect, type Page, test } from '@playwright/test';
import { complaintsOf, expectAccessible, picture, signIn } from './console';

const { CONSOLE_URL = '', CONSOLE_EMAIL = '', CONSOLE_PASSWORD = '' } = process.env;

test.use({
  actionTimeout: 10_000,
  permissions: ['microphone'],
  launchOptions: {
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  },
});

/** Whoever else edits at the same time: the same person's session, without the page. */
async function elsewhere(
  page: Page,
  path: string,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
) {
  const headers = { 'X-CSRF': '1', origin: CONSOLE_URL };
  const read = await page.request.get(`${CONSOLE_URL}${path}`);
  const { etag, ...found } = (await read.json()) as Record<string, unknown>;
  const body = Object.fromEntries(
    Object.entries(found).filter(([key]) => key !== 'name' && key !== 'changed_at'),
  );
  const data = change(body);
  const put = await page.request.put(`${CONSOLE_URL}${path}`, {
    data,
    headers: { ...headers, 'if-match': String(etag) },
  });
  expect(put.status()).toBe(200);
}

async function expectNoSidewaysScrolling(page: Page) {
  await page.setViewportSize({ width: 820, height: 1180 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('an admin sets up the house, and nothing that two do at once is lost', async ({ page }) => {
  test.setTimeout(240_000); // the longest journey, on cores that others use as well
  const complaints = complaintsOf(page);
  const side = page.getByRole('navigation', { name: 'Main' });
  const save = page.getByRole('button', { name: 'Save', exact: true });
  await page.goto(`${CONSOLE_URL}/calendars`);
  await signIn(page, CONSOLE_EMAIL, CONSOLE_PASSWORD);

  await test.step('a calendar is painted by mouse and keyboard, also over midnight', async () => {
    await page.getByRole('link', { name: 'New calendar' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Night Shift');
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Berlin');
    await page.getByRole('option', { name: 'Europe/Berlin' }).click();
    await page.getByRole('gridcell', { name: 'Monday 08:00' }).hover();
    await page.mouse.down();
    await page.getByRole('gridcell', { name: 'Friday 17:30' }).hover();
    await page.mouse.up();
    await expect(page.getByText('50 hours a week', { exact: true })).toBeVisible();
    await page.getByRole('gridcell', { name: 'Saturday 22:00' }).click();
    for (let step = 0; step < 15; step += 1) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Delete');
    await expect(page.getByText('50 hours a week', { exact: true })).toBeVisible();
    await page.getByRole('gridcell', { name: 'Saturday 22:00' }).focus();
    await page.keyboard.press('Space');
    await page.getByText('Exact times').click();
    await page.getByRole('textbox', { name: 'Saturday' }).fill('22:00-05:45');
    await expect(page.getByText('57.8 hours a week', { exact: true })).toBeVisible();
    await page.getByRole('switch', { name: 'Closed on public holidays' }).check();
    await expect(page.getByText(/The \d+ holidays of/)).toBeVisible();
    await page.getByRole('button', { name: 'Add an exception' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Stocktaking');
    await expect(page.getByText(/(Open|Closed) now/).last()).toBeVisible();
    await save.click();
    await expect(
      page.getByText('expected').or(page.getByText('small letters, digits')).first(),
    ).toBeVisible();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('night_shift');
    await save.click();
    await expect(page.getByRole('heading', { name: 'night_shift' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'calendar');
    await expectNoSidewaysScrolling(page);
  });

  await test.step('a deleted calendar comes back as it was', async () => {
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('heading', { name: 'night_shift' })).toBeVisible();
    await expect(page.getByText('57.8 hours a week', { exact: true })).toBeVisible();
  });

  await test.step('who is slower sees the other version, field by field, and loses nothing', async () => {
    await side.getByRole('link', { name: 'Queues' }).click();
    await page.getByRole('link', { name: 'back_office' }).click();
    const opening = page.getByRole('textbox', { name: 'Opening', exact: true });
    await opening.fill('Mine: one moment.');
    await elsewhere(page, '/api/queues/back_office', (body) => ({
      ...body,
      max_waiting: 7,
      opening: 'Theirs.',
    }));
    await save.click();
    await expect(page.getByText('Somebody else has saved this meanwhile')).toBeVisible();
    await expect(page.getByRole('cell', { name: 'Theirs.' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'conflict');
    await page.getByRole('button', { name: 'Go on with this' }).click();
    await expect(opening).toHaveValue('Mine: one moment.');
    await expect(page.getByRole('textbox', { name: 'Most callers waiting' })).toHaveValue('7');
    await save.click();
    await expect(page.getByText('Changes are not saved yet')).toBeHidden();
    await page.getByRole('combobox', { name: 'Profile' }).fill('nobody');
    await save.click();
    await expect(page.getByText('an existing profile: shop')).toBeVisible();
    await side.getByRole('link', { name: 'Skills' }).click();
    await expect(page.getByText('Leave without saving?')).toBeVisible();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Skills' })).toBeVisible();
  });

  await test.step('a queue says who is asked, what the caller hears, and how such calls are closed', async () => {
    await page.goto(`${CONSOLE_URL}/queues?open=back_office`);
    const dispositions = page.getByRole('group', { name: 'Dispositions' });
    await page.getByRole('combobox', { name: 'With this skill' }).fill('refunds');
    await expect(page.getByText('No supervisor has it yet')).toBeVisible();
    await page.getByRole('textbox', { name: 'Waits while nobody is available' }).fill('40');
    await page.getByRole('textbox', { name: 'Everybody has declined' }).fill('Nobody is free to talk.');
    await dispositions.getByRole('button', { name: 'Remove Complaint' }).click();
    await dispositions.getByRole('button', { name: 'Add a disposition' }).click();
    await save.click();
    await expect(dispositions.getByText('at least 1 characters')).toBeVisible();
    await expect(dispositions.getByRole('textbox', { name: 'Dispositions 4' })).toBeFocused();
    await page.keyboard.type('Refunded');
    await dispositions.getByRole('button', { name: 'Move Refunded up' }).click();
    await expect(dispositions.getByRole('button', { name: 'Move Refunded up' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'When it is full' }).click();
    await page.getByRole('option', { name: 'Send to another queue' }).click();
    await page.getByRole('combobox', { name: 'Queue', exact: true }).click();
    await page.getByRole('option', { name: 'support' }).click();
    await page.getByRole('textbox', { name: 'Priority', exact: true }).fill('-5');
    await save.click();
    await expect(page.getByText('Changes are not saved yet')).toBeHidden();
    await page.reload();
    await expect(page.getByRole('combobox', { name: 'With this skill' })).toHaveValue('refunds');
    await expect(dispositions.getByRole('textbox', { name: 'Dispositions 2' })).toHaveValue('Refunded');
    await expect(page.getByRole('textbox', { name: 'Priority', exact: true })).toHaveValue('-5');
    const kept = (await (await page.request.get(`${CONSOLE_URL}/api/queues/back_office`)).json()) as object;
    expect(kept).toMatchObject({
      when_full: { action: 'queue', queue: 'support', priority: -5 },
      supervisors: {
        skill: 'refunds',
        nobody_seconds: 40,
        declined: 'Nobody is free to talk.',
        dispositions: ['Solved', 'Refunded', 'To be called back', 'Not for us'],
      },
    });
    await page.getByRole('heading', { name: 'Supervisors' }).evaluate((heading) => {
      heading.scrollIntoView();
    });
    await expectAccessible(page);
    await picture(page, 'queue-supervisors');
    await expectNoSidewaysScrolling(page);
    await side.getByRole('link', { name: 'Skills' }).click();
  });

  await test.step('a skill is announced', async () => {
    await page.getByRole('textbox', { name: 'Name of a skill' }).fill('german');
    await page.getByRole('button', { name: 'Announce' }).click();
    await expect(page.getByRole('rowheader', { name: 'german' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'skills');
    await side.getByRole('link', { name: 'Queues' }).click();
    await page.getByRole('link', { name: 'back_office' }).click();
    await expect(page.getByRole('textbox', { name: 'Opening', exact: true })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'queue');
    await expectNoSidewaysScrolling(page);
  });

  await test.step('sounds are recorded and spoken, heard in place, and come back when deleted', async () => {
    await side.getByRole('link', { name: 'Music and messages' }).click();
    await page.getByText('Record', { exact: true }).click();
    await page.getByRole('button', { name: 'Record' }).click();
    await expect(page.getByRole('meter', { name: 'Level of the microphone' })).toBeVisible();
    await expect
      .poll(() => page.getByRole('meter').evaluate((meter) => (meter as HTMLMeterElement).value))
      .toBeGreaterThan(0.1);
    await page.waitForTimeout(1_500); // what is recorded must last for half a second and more
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('beep');
    await page.getByRole('button', { name: 'Keep as a sound' }).click();
    const beep = page.getByRole('listitem', { name: 'beep' });
    await expect(beep).toBeVisible();
    await page.getByText('Text to speech').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('closed_now');
    await page.getByRole('combobox', { name: 'Spoken by the voice' }).fill('shop');
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('We are closed today.');
    await page.getByRole('button', { name: 'Speak and keep' }).click();
    await expect(page.getByRole('listitem', { name: 'closed_now' })).toContainText('We are closed today.');
    await page.getByRole('button', { name: 'Remove beep' }).click();
    await expect(beep).toBeHidden();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(beep).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'sounds');
  });

  await test.step('callers are imported by lines, and every wrong line is named', async () => {
    await side.getByRole('link', { name: 'Callers' }).click();
    await page.getByRole('link', { name: 'New list' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('vip');
    await page
      .getByRole('textbox', { name: 'Paste lines' })
      .fill('+49 30 123456,Old friend\n12345\n+4989*,Munich');
    await expect(page.getByText('Line 2, “12345”')).toBeVisible();
    await page.getByRole('button', { name: 'Take over 2 lines' }).click();
    await expect(page.getByText('+4989… (all that start so)')).toBeVisible();
    await save.click();
    await expect(page.getByRole('heading', { name: 'vip' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'caller-list');
    await page.getByRole('link', { name: 'Known callers' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Known callers' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Paste lines' }).fill('+4930123456,Jo Miller,tier=gold');
    await page.getByRole('button', { name: 'Take over 1 line' }).click();
    await expect(page.getByRole('link', { name: '+4930123456' })).toContainText('tier: gold');
    await page.getByRole('link', { name: '+4930123456' }).click();
    await expectAccessible(page);
    await picture(page, 'known-caller');
  });

  await test.step('numbers, trunks, refused attempts, limits', async () => {
    await side.getByRole('link', { name: 'Numbers and trunks' }).click();
    await page.getByRole('link', { name: '+15550102' }).click();
    await expect(page.getByText('by the rule')).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'numbers');
    await page.getByRole('link', { name: 'Trunks', exact: true }).click();
    const demo = page.getByRole('region', { name: 'demo', exact: true });
    await expect(demo).toContainText('added 127.0.0.0/8; removed 10.0.0.0/8');
    await expectAccessible(page);
    await picture(page, 'trunks');
    await expectNoSidewaysScrolling(page);
    await page.getByRole('link', { name: 'Refused attempts' }).click();
    await expect(page.getByText('+15550199').first()).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'refused');
    await side.getByRole('link', { name: 'Limits' }).click();
    await page.getByRole('link', { name: 'New limit' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('per_trunk');
    await save.click();
    await expect(page.getByRole('heading', { name: 'per_trunk' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'limits');
  });

  await test.step('a voicemail is marked, a call-back cancelled', async () => {
    await side.getByRole('link', { name: 'Voicemails' }).click();
    await page.getByRole('button', { name: 'Heard' }).click();
    await expect(page.getByRole('button', { name: 'New again' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'voicemails');
    await side.getByRole('link', { name: 'Call-backs' }).click();
    await expect(page.getByRole('button', { name: 'Cancel the call-back to' })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'call-backs');
  });

  await test.step('dark, on a tablet, in German', async () => {
    await page.getByRole('button', { name: 'Switch to dark colours' }).click();
    await page.getByText('DE', { exact: true }).click();
    await page.goto(`${CONSOLE_URL}/calendars?open=night_shift`);
    await expect(page.getByText('57,8 Stunden in der Woche', { exact: true })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'calendar-dark');
    await expectNoSidewaysScrolling(page);
  });
  expect(complaints).toEqual([]);
});
