/** Loudness (root mean square of samples from -1 to 1) above which somebody speaks. */
const CALLER_SPEAKS = 0.015;
const AGENT_SPEAKS = 0.004;
/** A cough is shorter, and no turn. */
const SHORTEST_TURN_MS = 150;
/** A pause for breath within a turn is shorter. */
const PAUSE_MS = 1_200;
/** An agent that was quiet for so long begins to answer; a shorter gap is one between its words. */
const AGENT_QUIET_MS = 200;

/**
 * Measures what a caller waits for: from the end of their speech to the first sound of the agent's answer, as this
 * browser hears both.
 */
export class TurnWatch {
  private spokenMs = 0;
  private lastLoud: number | null = null;
  private lastAt: number | null = null;
  private awaiting = false;
  private agentQuietSince: number | null = null;

  /** One look at both levels; the milliseconds of a turn when the agent's answer begins with it. */
  add(at: number, caller: number, agent: number): number | null {
    const step = this.lastAt === null ? 0 : at - this.lastAt;
    this.lastAt = at;
    if (caller >= CALLER_SPEAKS) this.callerSpoke(at, step);
    if (agent < AGENT_SPEAKS) {
      this.agentQuietSince ??= at;
      return null;
    }
    const wasQuiet = this.agentQuietSince !== null && at - this.agentQuietSince >= AGENT_QUIET_MS;
    this.agentQuietSince = null;
    if (!this.awaiting || !wasQuiet || this.lastLoud === null || caller >= CALLER_SPEAKS) return null;
    this.awaiting = false;
    this.spokenMs = 0;
    return Math.round(at - this.lastLoud);
  }

  private callerSpoke(at: number, step: number): void {
    if (this.lastLoud !== null && at - this.lastLoud > PAUSE_MS) this.spokenMs = 0;
    this.spokenMs += step;
    this.lastLoud = at;
    if (this.spokenMs >= SHORTEST_TURN_MS) this.awaiting = true;
  }
}

/** How loud a stretch of samples is. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** The loudness as a share of what a level meter shows, 0 to 100: decibels from -60 to -10. */
export function meterOf(level: number): number {
  if (level <= 0) return 0;
  return Math.max(0, Math.min(100, (20 * Math.log10(level) + 60) * 2));
}
