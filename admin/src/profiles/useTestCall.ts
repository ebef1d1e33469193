import { useCallback, useEffect, useRef, useState } from 'react';
import { SILENT, TestLine, type Told, type Way } from './testLine';

export interface TestCall extends Told {
  start: (way: Way, deviceId: string | null) => void;
  hangUp: () => void;
  press: (key: string) => void;
}

/** A call from this page; it ends when the page goes. */
export function useTestCall(): TestCall {
  const [told, setTold] = useState<Told>(SILENT);
  const line = useRef<TestLine | null>(null);

  const hangUp = useCallback(() => line.current?.leave(), []);
  const press = useCallback((key: string) => line.current?.press(key), []);
  const start = useCallback((way: Way, deviceId: string | null) => {
    line.current?.leave();
    line.current = new TestLine(setTold);
    void line.current.begin(way, deviceId);
  }, []);
  useEffect(() => () => line.current?.leave(), []);

  return { ...told, start, hangUp, press };
}
