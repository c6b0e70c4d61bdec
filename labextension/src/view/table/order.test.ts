import { describe, expect, it } from 'vitest';
import { specs, trial } from './made';
import { comparing, newest, ranking, Sorter } from './order';

const all = specs();
const numbers = (trials: readonly { n: number }[]): number[] => trials.map(({ n }) => n);

describe('comparing', () => {
  const some = [
    trial(0, { v: 3, p: { lr: 0.1, size: 'small' } }),
    trial(1, { s: 'FAIL', p: { lr: 0.01, size: 'large' }, e: 'b 10' }),
    trial(2, { v: 1, p: { lr: 0.001, size: 'medium' } }),
    trial(3, { v: 2, p: { size: 'large' } }),
    trial(4, { v: Infinity, p: { lr: 0.1, size: 'small' }, e: 'b 9' })
  ];
  const sorted = (id: string, desc: boolean): number[] =>
    numbers([...some].sort(comparing([{ id, desc }], all)));

  it('puts missing values last in either direction', () => {
    expect(sorted('value', false)).toEqual([2, 3, 0, 4, 1]);
    expect(sorted('value', true)).toEqual([4, 0, 3, 2, 1]);
    expect(sorted('p:lr', true).at(-1)).toBe(3);
  });

  it('keeps equal ones newest first in either direction', () => {
    expect(sorted('p:lr', false)).toEqual([2, 1, 4, 0, 3]);
    expect(sorted('p:lr', true)).toEqual([4, 0, 1, 2, 3]);
  });

  it('sorts choices as they were declared, texts by the numbers in them', () => {
    expect(sorted('p:size', false)).toEqual([4, 0, 2, 3, 1]);
    expect(sorted('reason', false)).toEqual([4, 1, 3, 2, 0]);
  });

  it('goes on to the next column where the first one is equal', () => {
    const by = [
      { id: 'p:size', desc: true },
      { id: 'value', desc: false }
    ];
    expect(numbers([...some].sort(comparing(by, all)))).toEqual([3, 1, 2, 0, 4]);
  });

  it('does not mind a column that there is no longer', () => {
    expect(numbers([...some].sort(comparing([{ id: 'gone', desc: false }], all)))).toEqual([
      4, 3, 2, 1, 0
    ]);
  });
});

describe('the usual orders', () => {
  const some = [
    trial(0, { v: 2 }),
    trial(1, { v: 1 }),
    trial(2, { s: 'FAIL' }),
    trial(3, { v: 1 }),
    trial(4, { s: 'RUNNING' })
  ];

  it('rank the best first, then those without a value, latest first', () => {
    expect(numbers([...some].sort(ranking(false)))).toEqual([1, 3, 0, 4, 2]);
    expect(numbers([...some].sort(ranking(true)))).toEqual([0, 1, 3, 4, 2]);
  });

  it('have the best one above the newest', () => {
    expect(numbers(newest(some, some[1]!))).toEqual([1, 4, 3, 2, 0]);
    expect(numbers(newest(some, null))).toEqual([4, 3, 2, 1, 0]);
    // filtered out
    expect(numbers(newest(some.slice(2), some[1]!))).toEqual([4, 3, 2]);
  });
});

describe('Sorter', () => {
  it('finds the same order as a sort anew, whatever changes', () => {
    const compare = comparing([{ id: 'value', desc: false }], all);
    const sorter = new Sorter();
    let state = 7;
    const chance = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    const values = (): number => Math.floor(chance() * 20); // with many equal ones
    let some = Array.from({ length: 200 }, (_, n) => trial(n, { v: values() }));
    for (let round = 0; round < 30; round += 1) {
      some = some
        .filter(() => chance() > 0.05)
        .map(each => (chance() < 0.1 ? trial(each.n, { v: values() }) : each));
      const next = Math.max(...numbers(some)) + 1;
      some.push(trial(next, { v: values() }), trial(next + 1, { s: 'RUNNING' }));
      expect(numbers(sorter.sort(some, compare))).toEqual(numbers([...some].sort(compare)));
    }
  });

  it('takes up another order', () => {
    const some = [trial(0, { v: 2 }), trial(1, { v: 1 })];
    const sorter = new Sorter();
    expect(numbers(sorter.sort(some, ranking(false)))).toEqual([1, 0]);
    expect(numbers(sorter.sort(some, ranking(true)))).toEqual([0, 1]);
  });
});
