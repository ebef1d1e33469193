import { expect, test } from 'vitest';
import type { Rule } from './rules';
import { type Branch, treeOf } from './tree';

const QUEUE = { action: 'queue', queue: 'support' } as const;
const MAIN = '+15550100';
const OTHER = '+15550101';

function outline(branches: Branch[]): unknown[] {
  return branches.map((branch) => {
    const name =
      branch.is === 'numbers'
        ? branch.numbers.join()
        : branch.is === 'rule'
          ? branch.name
          : branch.is === 'action'
            ? branch.action.action
            : branch.is;
    return branch.next.length > 0 ? [name, outline(branch.next)] : name;
  });
}

test('each number has the rules that may take its calls, up to the one that takes all', () => {
  const rules: Rule[] = [
    { name: 'Closed', when: { to: [MAIN], closed: 'office' }, then: { action: 'message', text: 'Closed.' } },
    { name: 'Main', when: { to: [MAIN] }, then: QUEUE },
    { name: 'Late', then: QUEUE },
  ];
  expect(outline(treeOf(rules, [MAIN, OTHER]))).toEqual([
    [
      MAIN,
      [
        ['Closed', ['message']],
        ['Main', ['queue']],
      ],
    ],
    [OTHER, [['Late', ['queue']]]],
    ['others', [['Late', ['queue']]]],
  ]);
});

test('numbers that go the same way share a branch, and a number without a rule says so', () => {
  const rules: Rule[] = [{ name: 'Both', when: { to: [MAIN, OTHER], in_list: ['vip'] }, then: QUEUE }];
  expect(outline(treeOf(rules, [MAIN, OTHER]))).toEqual([
    [`${MAIN},${OTHER}`, [['Both', ['queue']], 'nothing']],
    ['others', ['nothing']],
  ]);
});

test('a number that is not entered meets the rule for those', () => {
  const rules: Rule[] = [
    { name: 'Unknown', when: { entered: false }, then: { action: 'reject' } },
    { name: 'All', then: QUEUE },
  ];
  expect(outline(treeOf(rules, [MAIN]))).toEqual([
    [MAIN, [['All', ['queue']]]],
    ['others', [['Unknown', ['reject']]]],
  ]);
});

test('a key without an action leads to the rules that ask for it, and not to the menu again', () => {
  const rules: Rule[] = [
    { name: 'Two', when: { digits: ['2'] }, then: { action: 'voicemail', box: 'invoices' } },
    { name: 'Menu', then: { action: 'menu', prompt: 'Press.', options: { 1: { name: 'One', then: QUEUE }, 2: { name: 'Two' } }, otherwise: QUEUE } },
  ]; // prettier-ignore
  expect(outline(treeOf(rules, [MAIN]))[0]).toEqual([
    MAIN,
    [['Menu', [['menu', ['queue', ['again', [['Two', ['voicemail']]]], 'queue']]]]],
  ]);
});

test('fallbacks follow their queue with their times', () => {
  const then = {
    ...QUEUE,
    fallbacks: [{ after_seconds: 60, then: { action: 'voicemail', box: 'support' } }],
  };
  const [number] = treeOf([{ name: 'All', then }], [MAIN]);
  const queue = number?.next[0]?.next[0];
  expect(queue?.next).toMatchObject([
    { is: 'action', edge: { by: 'after', seconds: 60 }, action: { action: 'voicemail' } },
  ]);
});
