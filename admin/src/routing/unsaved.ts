import { keyed, plain, type Rule } from './rules';
import { begin, type Edition, isUnsaved, type Work } from './work';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

interface Kept {
  base: Edition;
  rules: Rule[];
  note: string;
}

/** By person: who signs in after somebody else does not find the other's half-written rules. */
function place(email: string): string {
  return `routing.unsaved:${email}`;
}

/** Unsaved work outlives a reload and a walk to another page, in this tab. */
export function keep(store: Store, email: string, work: Work): void {
  try {
    if (!isUnsaved(work)) store.removeItem(place(email));
    else {
      const kept: Kept = { base: work.base, rules: plain(work.rules), note: work.note };
      store.setItem(place(email), JSON.stringify(kept));
    }
  } catch {
    // A full or forbidden storage takes nothing from what is on the page.
  }
}

/** Where the page goes on: with what was kept, or with what the server has. */
export function resume(store: Store, email: string, edition: Edition): Work {
  const kept = read(store.getItem(place(email)));
  if (!kept) return begin(edition);
  return { ...begin(kept.base), rules: keyed(kept.rules), note: kept.note };
}

function read(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    return kept?.base && Array.isArray(kept.rules) && typeof kept.note === 'string' ? (kept as Kept) : null;
  } catch {
    return null;
  }
}
