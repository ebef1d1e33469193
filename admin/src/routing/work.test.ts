import { expect, test } from 'vitest';
import { plain, type Rule } from './rules';
import { keep, resume } from './unsaved';
import { begin, type Edition, isUnsaved, next, type Work } from './work';

const rule = (name: string): Rule => ({ name, then: { action: 'queue', queue: 'support' } });

function edition(etag: string, ...rules: Rule[]): Edition {
  return {
    etag,
    version: 2,
    state: 'draft',
    publishedVersion: 1,
    note: '',
    changedBy: 'ada',
    changedAt: null,
    rules,
  };
}

function renamed(work: Work, name: string): Work {
  const rules = work.rules.map((each) => ({ ...each, rule: { ...each.rule, name } }));
  return next(work, { do: 'change', rules, touched: 'name' });
}

function memory() {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
}

const nameOf = (work: Work) => work.rules[0]?.rule.name;

test('letters typed one after the other are undone together, and done again', () => {
  const typed = renamed(renamed(begin(edition('1', rule('A'))), 'Ab'), 'Abc');
  const back = next(typed, { do: 'undo' });
  expect(nameOf(back)).toBe('A');
  expect(isUnsaved(back)).toBe(false);
  expect(nameOf(next(back, { do: 'redo' }))).toBe('Abc');
});

test('what is written while it is being saved is kept, on the new edition', () => {
  const sent = renamed(begin(edition('1', rule('A'))), 'B');
  const written = renamed(sent, 'C');
  const saved = next(written, { do: 'saved', edition: edition('2', rule('B')), sent: sent.rules });
  expect([nameOf(saved), saved.base.etag, isUnsaved(saved)]).toEqual(['C', '2', true]);
  const done = next(sent, { do: 'saved', edition: edition('2', rule('B')), sent: sent.rules });
  expect(isUnsaved(done)).toBe(false);
});

test('a rule keeps its key through what others save, so that what is open stays open', () => {
  const work = begin(edition('1', rule('A'), rule('B')));
  const adopted = next(work, { do: 'adopt', edition: edition('2', rule('N'), rule('B')) });
  expect(adopted.rules[1]?.key).toBe(work.rules[1]?.key);
  expect(adopted.rules[0]?.key).not.toBe(work.rules[0]?.key);
});

test("after taking over the work of somebody else, undo brings one's own back", () => {
  const mine = renamed(begin(edition('1', rule('A'))), 'Mine');
  const merged = next(mine, { do: 'merge', edition: edition('2', rule('Theirs')), rules: [rule('Theirs')] });
  expect(isUnsaved(merged)).toBe(false);
  expect(nameOf(next(merged, { do: 'undo' }))).toBe('Mine');
});

test('unsaved work is found again by the same person only, with the edition it was made from', () => {
  const store = memory();
  const server = edition('2', rule('Server'));
  keep(store, 'ada', renamed(begin(edition('1', rule('A'))), 'Mine'));
  const found = resume(store, 'ada', server);
  expect([nameOf(found), found.base.etag]).toEqual(['Mine', '1']);
  expect(plain(resume(store, 'kim', server).rules)).toEqual(server.rules);
});

test('once saved, nothing is kept; what cannot be read is not used', () => {
  const store = memory();
  const work = begin(edition('1', rule('A')));
  keep(store, 'ada', renamed(work, 'Mine'));
  keep(store, 'ada', work);
  expect(store.getItem('routing.unsaved:ada')).toBeNull();
  store.setItem('routing.unsaved:ada', '{"base":');
  expect(nameOf(resume(store, 'ada', edition('2', rule('Server'))))).toBe('Server');
});
