const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

/** A WAV file (16-bit, mono) of samples between -1 and 1. */
export function wavOf(samples: Float32Array, rate: number): ArrayBuffer {
  const file = new DataView(new ArrayBuffer(HEADER_BYTES + samples.length * SAMPLE_BYTES));
  const text = (at: number, letters: string) => {
    for (let place = 0; place < letters.length; place += 1)
      file.setUint8(at + place, letters.charCodeAt(place));
  };
  text(0, 'RIFF');
  file.setUint32(4, HEADER_BYTES - 8 + samples.length * SAMPLE_BYTES, true);
  text(8, 'WAVEfmt ');
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, rate, true);
  file.setUint32(28, rate * SAMPLE_BYTES, true);
  file.setUint16(32, SAMPLE_BYTES, true);
  file.setUint16(34, 16, true);
  text(36, 'data');
  file.setUint32(40, samples.length * SAMPLE_BYTES, true);
  for (const [place, sample] of samples.entries())
    file.setInt16(HEADER_BYTES + place * SAMPLE_BYTES, Math.max(-1, Math.min(1, sample)) * 0x7fff, true);
  return file.buffer;
}

/** How loud samples are, from 0 (silence, or under -60 dB) to 1 (full scale): what a level meter shows. */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  const decibels = 10 * Math.log10(Math.max(power, 1e-12));
  return Math.max(0, Math.min(1, (decibels + 60) / 60));
}
