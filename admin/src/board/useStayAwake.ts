import { useEffect } from 'react';

/**
 * Keeps the screen from going dark while the page is seen, where the browser can
 * (https://www.w3.org/TR/screen-wake-lock/). A browser gives the lock up when the page is hidden; it is asked for again.
 */
export function useStayAwake(): void {
  useEffect(() => {
    const locks = 'wakeLock' in navigator ? navigator.wakeLock : null;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const ask = async () => {
      if (!locks || document.visibilityState !== 'visible') return;
      lock = await locks.request('screen').catch(() => null);
      if (over) await lock?.release();
    };
    const again = () => void ask();
    again();
    document.addEventListener('visibilitychange', again);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, []);
}
