import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Profile } from '../api/shapes';
import { profileQuery, profilesQuery, save } from './queries';
import { bodyOf, type Values } from './values';

export interface Edition {
  /** What the editor began with. */
  base: Profile;
  dirty: boolean;
  /** The version that was saved last from this page. */
  saved: number | null;
  setDirty: (dirty: boolean) => void;
  forgetSaved: () => void;
  begin: (profile: Profile) => void;
  /** Saves over `etag`, or over the edition that the editor began with. */
  store: (values: Values, etag?: string) => Promise<void>;
  /** A version was made: the page goes on with it. */
  took: (made: Profile) => Promise<void>;
}

/** The editor keeps the edition that it began with: what others save meanwhile neither overwrites it nor is lost. */
export function useEdition(latest: Profile): Edition {
  const queries = useQueryClient();
  const [base, setBase] = useState(latest);
  const [dirty, setDirty] = useState(false);
  const [saved, setSaved] = useState<number | null>(null);
  if (!dirty && latest.version > base.version) setBase(latest);

  const begin = (profile: Profile) => {
    setBase(profile);
    setDirty(false);
  };
  const took = async (made: Profile) => {
    queries.setQueryData(profileQuery(made.name).queryKey, made);
    begin(made);
    setSaved(made.version);
    void queries.invalidateQueries({ queryKey: ['profile', made.name, 'versions'] });
    await queries.invalidateQueries({ queryKey: profilesQuery.queryKey });
  };
  const store = async (values: Values, etag = base.etag) => {
    const made = await save(base.name, bodyOf(values), etag).catch(async (error: unknown) => {
      await queries.invalidateQueries({ queryKey: ['profile', base.name] });
      throw error;
    });
    await took(made);
  };
  const forgetSaved = () => {
    setSaved(null);
  };
  return { base, dirty, saved, setDirty, forgetSaved, begin, store, took };
}
