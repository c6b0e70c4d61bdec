import { expect, test } from 'vitest';
import type { Column, Trial } from '../data/study';
import type { Param } from '../protocol';
import { compared } from './compare-rows';

const COLUMNS = ['lr', 'act'].map(
  name => ({ name, params: [{ key: name } as Param], numeric: true, log: false }) satisfies Column
);

function trial(n: number, value: number, p: Trial['p']): Trial {
  return { n, s: 'COMPLETE', p, value, steps: [], curve: [] };
}

test('what differs is told from what does not, the best value from the others', () => {
  const trials = [trial(1, 0.5, { lr: 0.1, act: 'relu' }), trial(4, 0.2, { lr: 0.01, act: 'relu' })];
  const rows = compared(trials, COLUMNS, { name: 'loss', maximize: false });
  const byName = Object.fromEntries(rows.map(row => [row.name, row]));
  expect(byName['lr']).toMatchObject({ cells: ['0.1', '0.01'], differs: true });
  expect(byName['act']).toMatchObject({ differs: false });
  expect([...byName['loss']!.best]).toEqual([4]);
  expect([...compared(trials, COLUMNS, { name: 'loss', maximize: true })[0]!.best]).toEqual([1]);
});

test('a parameter that is not active differs from one that is', () => {
  const [, lr] = compared([trial(1, NaN, {}), trial(2, NaN, { lr: 1 })], COLUMNS, {
    name: 'loss',
    maximize: false
  });
  expect(lr).toMatchObject({ cells: ['–', '1'], differs: true });
});

test('of trials without a value none is the best', () => {
  const [first] = compared([trial(1, NaN, {}), trial(2, NaN, {})], COLUMNS, { name: 'loss', maximize: false });
  expect(first!.best.size).toBe(0);
});
