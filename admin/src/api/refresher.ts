/**
 * Runs `refresh` for a name at once when asked, and then not again before `pauseMs` after it has finished: requests
 * meanwhile lead to one more run, so a burst of events costs two reads and the last event is never missed.
 */
export function makeRefresher(
  refresh: (name: string) => Promise<void>,
  pauseMs: number,
): (name: string) => void {
  const running = new Map<string, { again: boolean }>();

  const run = async (name: string) => {
    const state = { again: true };
    running.set(name, state);
    while (state.again) {
      state.again = false;
      await refresh(name).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    running.delete(name);
  };

  return (name) => {
    const state = running.get(name);
    if (state) state.again = true;
    else void run(name);
  };
}
