import { loudness } from '../profiles/turnWatch';

const SAMPLES = 1_024;

let context: AudioContext | null = null;

/** Levels are read in one context: browsers allow few. */
export function listeningContext(): AudioContext {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume().catch(() => undefined);
  return context;
}

/** How loud a track is right now. */
export class Meter {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly analyser: AnalyserNode;
  private readonly samples = new Float32Array(SAMPLES);

  constructor(track: MediaStreamTrack) {
    const listening = listeningContext();
    this.analyser = listening.createAnalyser();
    this.analyser.fftSize = SAMPLES;
    this.source = listening.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
  }

  /** 0 to 1. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    return loudness(this.samples);
  }

  close(): void {
    this.source.disconnect();
  }
}
