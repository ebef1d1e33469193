import { type Rule, same } from './rules';

export type Choice = 'mine' | 'theirs';

/** One rule that somebody has changed since both began with `base`. A side that lacks it has removed it. */
export interface Contested {
  id: string;
  name: string;
  base: Rule | undefined;
  mine: Rule | undefined;
  theirs: Rule | undefined;
  /** Who changed it; both only where they did not make the same of it. */
  by: 'mine' | 'theirs' | 'both';
}

interface Identified {
  id: string;
  rule: Rule;
}

/** Which rules differ, in the order of both sides. Rules are known by their names, or, renamed, by what they do. */
export function contested(
  base: readonly Rule[],
  mine: readonly Rule[],
  theirs: readonly Rule[],
): Contested[] {
  const [left, right] = [identified(base, mine), identified(base, theirs)];
  const bases = new Map(base.map((rule, place) => [`b${place}`, rule]));
  const [ours, others] = [byId(left), byId(right)];
  return together(left, right, [...bases.keys()]).flatMap((id): Contested[] => {
    const [was, my, their] = [bases.get(id), ours.get(id), others.get(id)];
    if (same(my, their)) return [];
    const [changed, changedThere] = [!same(was, my), !same(was, their)];
    const by = changed && changedThere ? 'both' : changed ? 'mine' : 'theirs';
    const name = (my ?? their ?? was)?.name ?? '';
    return [{ id, name, base: was, mine: my, theirs: their, by }];
  });
}

/** Who is followed unless somebody says otherwise: whoever changed the rule, and where both did, one's own work. */
export function usualChoice({ by }: Contested): Choice {
  return by === 'theirs' ? 'theirs' : 'mine';
}

/** Both sides' work in one: of every contested rule the chosen side's, and the order of who moved rules. */
export function merged(
  base: readonly Rule[],
  mine: readonly Rule[],
  theirs: readonly Rule[],
  choices: ReadonlyMap<string, Choice>,
): Rule[] {
  const [left, right] = [identified(base, mine), identified(base, theirs)];
  const [ours, others] = [byId(left), byId(right)];
  const open = new Map(contested(base, mine, theirs).map((each) => [each.id, each]));
  const known = base.map((_, place) => `b${place}`);
  const moved = !inOrder(left, known);
  const order = moved ? together(left, right, known) : together(right, left, known);
  return order.flatMap((id) => {
    const question = open.get(id);
    const choice = question ? (choices.get(id) ?? usualChoice(question)) : 'mine';
    const rule = (choice === 'mine' ? ours : others).get(id);
    return rule ? [rule] : [];
  });
}

function byId(side: readonly Identified[]): Map<string, Rule> {
  return new Map(side.map(({ id, rule }) => [id, rule]));
}

function identified(base: readonly Rule[], side: readonly Rule[]): Identified[] {
  const ids = new Array<string | undefined>(side.length).fill(undefined);
  const free = new Set(base.keys());
  const alike = [
    (one: Rule, other: Rule) => one.name === other.name,
    (one: Rule, other: Rule) => same([one.when ?? {}, one.then], [other.when ?? {}, other.then]),
  ];
  for (const like of alike) {
    side.forEach((rule, place) => {
      if (ids[place] !== undefined) return;
      const found = [...free].find((index) => like(base[index] ?? rule, rule));
      if (found === undefined) return;
      free.delete(found);
      ids[place] = `b${found}`;
    });
  }
  const times = new Map<string, number>();
  return side.map((rule, place) => {
    const known = ids[place];
    if (known !== undefined) return { id: known, rule };
    const time = (times.get(rule.name) ?? 0) + 1;
    times.set(rule.name, time);
    return { id: `new ${time} ${rule.name}`, rule };
  });
}

function inOrder(side: readonly Identified[], known: readonly string[]): boolean {
  const places = side.map(({ id }) => known.indexOf(id)).filter((place) => place >= 0);
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));
}

/** All ids: the first side's order, with what only the other has behind what it stands behind there. */
function together(
  first: readonly Identified[],
  second: readonly Identified[],
  rest: readonly string[],
): string[] {
  const order = first.map(({ id }) => id);
  for (const side of [second.map(({ id }) => id), rest]) {
    side.forEach((id, place) => {
      if (order.includes(id)) return;
      const before = side.slice(0, place).findLast((each) => order.includes(each));
      order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
    });
  }
  return order;
}
