import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/problem';
import {
  changeUser,
  type Person,
  readUser,
  type Role,
  setSkills,
  type Supervisor,
  SUPERVISING,
  supervisorsQuery,
} from './queries';

interface Fields {
  name: string;
  role: Role;
  skills: string[];
}

/** What is edited of a user. Where somebody else was faster, what they saved becomes `base` and `held`. */
export function useUserEdit(user: Person, supervisor: Supervisor | undefined, onDone: () => void) {
  const queries = useQueryClient();
  const [base, setBase] = useState(user);
  const [held, setHeld] = useState(supervisor);
  const [fields, setFields] = useState<Fields>({
    name: user.name,
    role: user.role,
    skills: supervisor?.skills ?? [],
  });
  const { name, role, skills } = fields;
  const skilled = SUPERVISING.includes(role) && !base.disabled;
  const otherPerson = name !== base.name || role !== base.role;
  const otherSkills = skilled && !sameSkills(skills, held?.skills ?? []);

  const saving = useMutation({
    mutationFn: async () => {
      if (otherPerson) setBase(await changeUser(base, { name, role }));
      if (otherSkills) await setSkills(user.id, skills, held?.skills_etag ?? null);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      onDone();
    },
    onError: async (error) => {
      void queries.invalidateQueries({ queryKey: ['users'] });
      if (!isConflict(error)) return;
      const [person, all] = await Promise.all([
        readUser(user.id),
        queries.query({ ...supervisorsQuery, staleTime: 0 }),
      ]);
      setBase(person);
      setHeld(all.find(({ id }) => id === user.id));
    },
  });
  return {
    ...fields,
    skilled,
    base,
    held,
    saving,
    dirty: otherPerson || otherSkills,
    conflict: isConflict(saving.error),
    set: (change: Partial<Fields>) => {
      setFields({ ...fields, ...change });
    },
  };
}

function isConflict(error: Error | null): boolean {
  return error instanceof ApiProblem && error.status === 412;
}

/** The server keeps skills in the order of their letters. */
function sameSkills(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join('\n') === [...other].sort().join('\n');
}
