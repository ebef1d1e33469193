import { loudness, TurnWatch } from './turnWatch';

/** How often both sides are listened to; the least by which a turn can be wrong. */
const LOOK_MS = 20;
const SAMPLES = 1_024;

interface Side {
  analyser: AnalyserNode;
  samples: Float32Array<ArrayBuffer>;
}

/** Listens to both sides of a call in this browser: how loud they are, and how long answers take. */
export class Ears {
  /** Present levels, 0 to 1. */
  caller = 0;
  agent = 0;
  private readonly context = new AudioContext();
  private readonly own: Side;
  private readonly others = new Map<
    string,
    Side & { source: MediaStreamAudioSourceNode; player: HTMLAudioElement }
  >();
  private readonly watch = new TurnWatch();
  private readonly timer: number;

  constructor(microphone: MediaStreamTrack, onTurn: (milliseconds: number) => void) {
    this.own = this.side();
    this.context.createMediaStreamSource(new MediaStream([microphone])).connect(this.own.analyser);
    this.timer = window.setInterval(() => {
      this.caller = levelOf(this.own);
      this.agent = Math.max(0, ...[...this.others.values()].map(levelOf));
      const turn = this.watch.add(performance.now(), this.caller, this.agent);
      if (turn !== null) onTurn(turn);
    }, LOOK_MS);
  }

  /** Play a track and listen to it; Chromium only lets tracks be listened to that are played by an element as well. */
  hear(track: MediaStreamTrack, player: HTMLAudioElement): void {
    const side = this.side();
    const source = this.context.createMediaStreamSource(new MediaStream([track]));
    source.connect(side.analyser);
    this.others.set(track.id, { ...side, source, player });
  }

  forget(track: MediaStreamTrack): void {
    this.others.get(track.id)?.source.disconnect();
    this.others.delete(track.id);
  }

  close(): void {
    window.clearInterval(this.timer);
    for (const { player } of this.others.values()) player.srcObject = null;
    void this.context.close();
  }

  private side(): Side {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = SAMPLES;
    return { analyser, samples: new Float32Array(SAMPLES) };
  }
}

function levelOf({ analyser, samples }: Side): number {
  analyser.getFloatTimeDomainData(samples);
  return loudness(samples);
}
