import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { INTERIM_LIFE_MS, type Interims, readInterim } from './interim';

const NONE: Interims = {};

/**
 * What is being said right now in a live call, before it is final. These words come over a stream of their own, open
 * only while somebody looks: the server sends them for calls that are looked at.
 */
export function useInterimWords(callId: string, live: boolean): Interims {
  const [interims, setInterims] = useState<Interims>(NONE);
  const wanted = useDocumentVisibility() === 'visible' && live;

  useEffect(() => {
    if (!wanted) return;
    const fading = new Map<string, ReturnType<typeof setTimeout>>();
    const source = new EventSource(`/api/events?call_id=${encodeURIComponent(callId)}&interim=true`);
    source.addEventListener('interim', (message: MessageEvent<string>) => {
      const words = readInterim(message.data);
      if (!words) return;
      const { speaker } = words;
      setInterims((all) => ({ ...all, [speaker]: words }));
      clearTimeout(fading.get(speaker));
      const fade = () => {
        setInterims((all) => ({ ...all, [speaker]: undefined }));
      };
      fading.set(speaker, setTimeout(fade, INTERIM_LIFE_MS));
    });
    return () => {
      source.close();
      for (const timer of fading.values()) clearTimeout(timer);
      setInterims(NONE);
    };
  }, [callId, wanted]);

  return interims;
}
