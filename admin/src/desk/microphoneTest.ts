import { play, soundTo } from './bell';
import { chosenDevice } from './devices';
import { Meter } from './meter';

const RECORD_MS = 3_000;

/** Records some seconds of a microphone, and plays them back. */
export class MicrophoneTest {
  private meter: Meter | null = null;
  private recorded: Blob | null = null;

  /** How loud it is now, 0 to 1. */
  level(): number {
    return this.meter?.level() ?? 0;
  }

  /** Rejects when there is no microphone, or it may not be used. */
  async record(deviceId: string | null): Promise<void> {
    const audio = deviceId ? { deviceId: { exact: deviceId } } : true;
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const [track] = stream.getAudioTracks();
    if (track) this.meter = new Meter(track);
    try {
      const recorder = new MediaRecorder(stream);
      const parts: Blob[] = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((resolve) => {
        recorder.onstop = resolve;
      });
      recorder.start();
      setTimeout(() => {
        recorder.stop();
      }, RECORD_MS);
      await stopped;
      this.recorded = new Blob(parts, { type: recorder.mimeType });
    } finally {
      this.meter?.close();
      this.meter = null;
      for (const each of stream.getTracks()) each.stop();
    }
  }

  async playBack(): Promise<void> {
    await soundTo(chosenDevice('audiooutput') ?? '');
    if (this.recorded) await play(this.recorded);
  }
}
