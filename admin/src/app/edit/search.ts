/** What of a page with entries is in its address: the open entry, or that a new one is made. */
export interface EntrySearch {
  open?: string;
  new?: true;
}

export function entrySearch(search: Record<string, unknown>): EntrySearch {
  if (search.new === true) return { new: true };
  const { open } = search;
  return typeof open === 'string' || typeof open === 'number' ? { open: String(open) } : {};
}
