import { expect, test } from 'vitest';
import { loudness, meterOf, TurnWatch } from './turnWatch';

const STEP = 20;
type Stretch = [milliseconds: number, caller: number, agent: number];

function turnsIn(stretches: Stretch[]): number[] {
  const watch = new TurnWatch();
  const found: number[] = [];
  let at = 0;
  for (const [milliseconds, caller, agent] of stretches) {
    for (let passed = 0; passed < milliseconds; passed += STEP) {
      const turn = watch.add((at += STEP), caller, agent);
      if (turn !== null) found.push(turn);
    }
  }
  return found;
}

test('a turn is the time from the end of speech to the first sound of the answer', () => {
  expect(
    turnsIn([
      [1000, 0.1, 0],
      [800, 0, 0],
      [1000, 0, 0.1],
    ]),
  ).toEqual([820]);
});

test('the greeting answers nobody, and a pause between the agent’s words is no turn', () => {
  expect(
    turnsIn([
      [1000, 0, 0],
      [2000, 0, 0.1],
      [300, 0, 0],
      [500, 0, 0.1],
    ]),
  ).toEqual([]);
});

test('who pauses for breath has one turn, counted from the end of it', () => {
  expect(
    turnsIn([
      [500, 0.1, 0],
      [600, 0, 0],
      [500, 0.1, 0],
      [400, 0, 0],
      [500, 0, 0.1],
    ]),
  ).toEqual([420]);
});

test('a cough is no turn', () => {
  expect(
    turnsIn([
      [80, 0.2, 0],
      [2000, 0, 0],
      [500, 0, 0.1],
    ]),
  ).toEqual([]);
});

test('who interrupts is answered by the next sentence, not by the rest of the present one', () => {
  expect(
    turnsIn([
      [600, 0.1, 0.1],
      [100, 0, 0.1],
      [700, 0, 0],
      [500, 0, 0.1],
    ]),
  ).toEqual([820]);
});

test('levels', () => {
  expect(loudness(new Float32Array([0.5, -0.5]))).toBeCloseTo(0.5);
  expect(loudness(new Float32Array())).toBe(0);
  expect([meterOf(0), meterOf(0.001), meterOf(1)]).toEqual([0, 0, 100]);
});
