/** A telephone's ring of two tones (440 and 480 Hz, as North American ringback is made of), twice every three seconds. */
const TONES_HZ = [440, 480];
const BURSTS_SECONDS = [
  [0, 0.4],
  [0.6, 1],
] as const;
const EVERY_MS = 3_000;
const LOUDNESS = 0.12;
const EDGE_SECONDS = 0.02;

let context: AudioContext | null = null;

function audible(): AudioContext {
  context ??= new AudioContext();
  return context;
}

/** Whether the browser forbids sound until somebody has clicked on the page. */
export function isSilenced(): boolean {
  return audible().state === 'suspended';
}

/** After a click: sound from now on. */
export async function unsilence(): Promise<void> {
  await audible().resume();
}

function ringOnce(sounding: AudioContext, out: AudioNode): void {
  const start = sounding.currentTime + EDGE_SECONDS;
  for (const [from, to] of BURSTS_SECONDS) {
    const gain = sounding.createGain();
    gain.gain.setValueAtTime(0, start + from);
    gain.gain.linearRampToValueAtTime(LOUDNESS, start + from + EDGE_SECONDS);
    gain.gain.setValueAtTime(LOUDNESS, start + to - EDGE_SECONDS);
    gain.gain.linearRampToValueAtTime(0, start + to);
    gain.connect(out);
    for (const frequency of TONES_HZ) {
      const tone = sounding.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(gain);
      tone.start(start + from);
      tone.stop(start + to);
    }
  }
}

/** Rings until the returned function is called. */
export function ring(): () => void {
  const sounding = audible();
  const out = sounding.createGain();
  out.connect(sounding.destination);
  const once = () => {
    // Tones that are planned while the browser forbids sound would all come at once later.
    if (sounding.state === 'running') ringOnce(sounding, out);
  };
  void sounding.resume().then(once, () => undefined);
  const timer = setInterval(once, EVERY_MS);
  return () => {
    clearInterval(timer);
    out.disconnect();
  };
}

/** One short tone, to hear whether the loudspeaker works. */
export function beep(seconds = 0.6): void {
  const sounding = audible();
  const gain = sounding.createGain();
  gain.gain.value = LOUDNESS;
  gain.connect(sounding.destination);
  const tone = sounding.createOscillator();
  tone.frequency.value = 660;
  tone.connect(gain);
  tone.start();
  tone.stop(sounding.currentTime + seconds);
}

/** Where rings and tests are heard; not every browser lets one choose. */
export async function soundTo(deviceId: string): Promise<void> {
  const sounding = audible() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  await sounding.setSinkId?.(deviceId);
}

/** Plays what was recorded. */
export async function play(recorded: Blob): Promise<void> {
  const sounding = audible();
  const buffer = await sounding.decodeAudioData(await recorded.arrayBuffer());
  const source = sounding.createBufferSource();
  source.buffer = buffer;
  source.connect(sounding.destination);
  await new Promise<void>((resolve) => {
    source.onended = () => {
      resolve();
    };
    source.start();
  });
}
