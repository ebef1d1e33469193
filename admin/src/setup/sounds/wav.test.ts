import { expect, test } from 'vitest';
import { levelOf, wavOf } from './wav';

test('a WAV file says what is in it, and samples beyond full scale are cut', () => {
  const file = new DataView(wavOf(new Float32Array([0, 1, -2]), 24_000));
  expect(file.byteLength).toBe(50);
  expect(String.fromCharCode(...new Uint8Array(file.buffer, 0, 4))).toBe('RIFF');
  expect([file.getUint32(24, true), file.getUint32(40, true)]).toEqual([24_000, 6]);
  expect([44, 46, 48].map((at) => file.getInt16(at, true))).toEqual([0, 32_767, -32_767]);
});

test('the level goes from silence to full scale', () => {
  expect(levelOf(new Float32Array(100))).toBe(0);
  expect(levelOf(new Float32Array(100).fill(1))).toBe(1);
  expect(levelOf(new Float32Array(100).fill(0.001))).toBeCloseTo(0, 2);
  expect(levelOf(new Float32Array(100).fill(0.1))).toBeCloseTo(2 / 3, 2);
});
