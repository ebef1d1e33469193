import { useEffect, useState } from 'react';

/** The microphones or loudspeakers of this machine; their names are told once the browser may use a microphone. */
export function useDevices(wanted: 'audioinput' | 'audiooutput'): MediaDeviceInfo[] {
  const [found, setFound] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    // Only a secure page (https, or this machine) has media devices at all, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices) return;
    let gone = false;
    const look = async () => {
      const all = await devices.enumerateDevices();
      const named = all.filter(
        ({ kind, deviceId, label }) => kind === wanted && label && deviceId && deviceId !== 'default',
      );
      if (!gone) setFound(named);
    };
    const again = () => void look();
    again();
    devices.addEventListener('devicechange', again);
    return () => {
      gone = true;
      devices.removeEventListener('devicechange', again);
    };
  }, [wanted]);
  return found;
}
