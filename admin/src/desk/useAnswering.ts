import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Escalation } from '../api/shapes';
import { useDesk } from './DeskContext';
import { declineEscalation, ESCALATIONS_KEY } from './queries';

export interface Answering {
  accept: (escalation: Escalation) => void;
  decline: (escalation: Escalation) => void;
  /** The escalation that is being answered. */
  pending: string | null;
  /** Why the last answer came too late, or did not come through. */
  refusal: Error | null;
  forget: () => void;
}

/** Accept and decline; who accepts is led to the call. What rings no more is read again either way. */
export function useAnswering(): Answering {
  const { call } = useDesk();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [refusal, setRefusal] = useState<Error | null>(null);
  const common = {
    onMutate: () => {
      setRefusal(null);
    },
    onError: (error: Error) => {
      setRefusal(error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ESCALATIONS_KEY }),
  };
  const accepting = useMutation({
    ...common,
    mutationFn: (escalation: Escalation) =>
      call.accept(escalation, () => {
        void navigate({ to: '/calls/$callId', params: { callId: escalation.call_id } });
      }),
  });
  const declining = useMutation({
    ...common,
    mutationFn: (escalation: Escalation) => declineEscalation(escalation.id),
  });
  const pending = accepting.isPending ? accepting.variables.id : declining.variables?.id;
  return {
    accept: accepting.mutate,
    decline: declining.mutate,
    pending: accepting.isPending || declining.isPending ? (pending ?? null) : null,
    refusal,
    forget: () => {
      setRefusal(null);
    },
  };
}
