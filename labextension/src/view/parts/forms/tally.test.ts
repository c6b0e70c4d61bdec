import { expect, test } from 'vitest';
import type { Trial } from '../../data/study';
import type { Param, State } from '../../protocol';
import { tally } from './tally';

const LR: Param = { key: 'lr', name: 'lr', type: 'Float', low: 1e-4, high: 1, log: true, step: null, default: null, condition: '', dynamic: false };
const DEPTH: Param = { ...LR, key: 'depth', type: 'Int', low: 1, high: 4, log: false };

function trial(p: Trial['p'], s: State = 'COMPLETE'): Trial {
  return { n: 0, s, p, value: 0, steps: [], curve: [] };
}

test('a log scale counts by orders of magnitude', () => {
  const { place } = tally(LR, [], new Set());
  expect([1e-4, 1e-2, 1].map(place)).toEqual([0, 0.5, 1]);
  expect(place(0)).toBe(0);
});

test('each trial that has the value is counted once, the good ones twice', () => {
  const trials = [1e-4, 1e-4, 1].map(lr => trial({ lr }));
  const found = tally(LR, [...trials, trial({}), trial({ lr: 1 }, 'RUNNING')], new Set([trials[2]!]));
  expect([found.all[0], found.all.at(-1)]).toEqual([2, 1]);
  expect(found.all.reduce((a, b) => a + b)).toBe(3);
  expect([found.good[0], found.good.at(-1)]).toEqual([0, 1]);
});

test('a few whole numbers have a bin each', () => {
  expect(tally(DEPTH, [1, 2, 2, 4].map(depth => trial({ depth })), new Set()).all).toEqual([1, 2, 0, 1]);
});

test('values of a wider space of before are on it', () => {
  const found = tally(LR, [trial({ lr: 1e-8 })], new Set());
  expect(found.place(1e-8)).toBe(0);
  expect(found.place(1e-4)).toBeCloseTo(0.5);
});
