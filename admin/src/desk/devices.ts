export type DeviceKind = 'audioinput' | 'audiooutput';

const KEYS: Record<DeviceKind, string> = {
  audioinput: 'desk.microphone',
  audiooutput: 'desk.loudspeaker',
};

/** The device this browser was told to use; null for the machine's own choice. */
export function chosenDevice(kind: DeviceKind): string | null {
  return localStorage.getItem(KEYS[kind]);
}

export function chooseDevice(kind: DeviceKind, deviceId: string): void {
  if (deviceId) localStorage.setItem(KEYS[kind], deviceId);
  else localStorage.removeItem(KEYS[kind]);
}
