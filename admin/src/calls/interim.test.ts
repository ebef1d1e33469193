import { expect, test } from 'vitest';
import type { InterimWords, Segment } from '../api/shapes';
import { readInterim, stillInterim } from './interim';

const words: InterimWords = {
  call_id: 'c1',
  offer_id: 'o1',
  speaker: 'caller',
  seq: 2,
  text: 'where is my',
};

function said(offer_id: string, speaker: Segment['speaker'], seq: number): Segment {
  return {
    id: `${offer_id}${speaker}${seq}`,
    offer_id,
    leg_id: 'l',
    seq,
    speaker,
    text: 'said',
    start_ms: 0,
    end_ms: 1,
    interrupted: false,
    language: 'en',
    stored_at: '2026-11-20T10:00:00Z',
  };
}

test('interim words stand until the finished utterance of their number is there', () => {
  expect(stillInterim({ caller: words }, [said('o1', 'caller', 1)])).toEqual([words]);
  expect(stillInterim({ caller: words }, [said('o1', 'caller', 2)])).toEqual([]);
  expect(stillInterim({ caller: words }, [said('o1', 'caller', 3)])).toEqual([]);
});

test('neither another speaker nor another agent of the call finishes them', () => {
  expect(stillInterim({ caller: words }, [said('o1', 'agent', 2), said('o2', 'caller', 2)])).toEqual([words]);
});

test('what is no words of a call is not taken for some', () => {
  expect(readInterim(JSON.stringify(words))).toEqual(words);
  for (const other of ['', '7', 'null', '{}', JSON.stringify({ ...words, seq: '2' })]) {
    expect(readInterim(other)).toBeNull();
  }
});
