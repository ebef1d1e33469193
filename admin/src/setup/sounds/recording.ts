import { levelOf, wavOf } from './wav';

const RATE = 24_000;

export interface Recording {
  /** Ends it; the sound as a WAV file. */
  stop: () => Promise<Blob>;
  cancel: () => void;
}

/** Records from the microphone. `onLevel` hears how loud it is, from 0 to 1. Throws what the browser refuses with. */
export async function record(onLevel: (level: number) => void): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } });
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, 60);
  const recorder = new MediaRecorder(stream);
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start(1_000);
  const release = () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  };
  return {
    cancel: () => {
      release();
      void context.close();
    },
    stop: async () => {
      const stopped = new Promise((resolve) => {
        recorder.onstop = resolve;
      });
      recorder.stop();
      await stopped;
      release();
      const wav = await asWav(await new Blob(pieces).arrayBuffer(), context);
      await context.close();
      return wav;
    },
  };
}

/** Browsers record WebM or MP4, which the server does not take: what was recorded becomes a WAV file here. */
async function asWav(recorded: ArrayBuffer, context: AudioContext): Promise<Blob> {
  const sound = await context.decodeAudioData(recorded);
  const mono = new OfflineAudioContext(1, Math.max(1, Math.ceil(sound.duration * RATE)), RATE);
  const source = mono.createBufferSource();
  source.buffer = sound;
  source.connect(mono.destination);
  source.start();
  const rendered = await mono.startRendering();
  return new Blob([wavOf(rendered.getChannelData(0), RATE)], { type: 'audio/wav' });
}
