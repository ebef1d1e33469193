import type { ComponentType } from 'react';
import type { Collection, Edited } from './collection';

export interface EntryKind<Entry extends Edited, Body extends object> {
  collection: Collection<Entry, Body>;
  empty: Body;
  /** Its fields; they find what is edited in the EditContext. */
  Fields: ComponentType<{ body: Body; name: string; isNew: boolean }>;
  words: {
    title: string;
    lead: string;
    add: string;
    /** What the key is called, and what it may be. */
    key: string;
    keyHint: string;
    emptyText: string;
    fieldName: (field: string) => string;
  };
  summary: (entry: Entry) => string;
}
