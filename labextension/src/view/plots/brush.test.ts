import { describe, expect, it } from 'vitest';
import { OPEN } from '../table/filter';
import { dragged, inside, nudged, press, ranged, stepsOf, unitsOf, withRange } from './brush';
import type { Dimension } from './dimensions';

const NUMBERS: Dimension = {
  ...{ id: 'p:x', title: 'x', choices: null, stops: null },
  ...{ log: false, low: 0, high: 100, least: 0, most: 100 }
};
const CHOICES: Dimension = {
  ...NUMBERS,
  ...{ id: 'p:c', choices: ['a', 'b', 'c', 'd'], low: -0.5, high: 3.5 }
};

describe('a range that is drawn', () => {
  it('goes from where the pointer went down to where it is, in either direction', () => {
    const start = press(NUMBERS, undefined, 0.3, 0.02);
    expect(start.grip).toBe('new');
    expect(dragged(NUMBERS, start, 0.6)).toEqual([30, 60]);
    expect(dragged(NUMBERS, start, 0.1)).toEqual([10, 30]);
  });

  it('has no limit at an end of the axis, so that outliers beyond it pass', () => {
    expect(ranged(NUMBERS, 0.5, 1.2)).toEqual([50, OPEN]);
    expect(ranged(NUMBERS, -1, 0.5)).toEqual([-OPEN, 50]);
    expect(unitsOf(NUMBERS, [50, OPEN])).toEqual([0.5, 1]);
  });

  it('takes whole bands of choices', () => {
    expect(ranged(CHOICES, 0.3, 0.6)).toEqual([0.5, 2.5]);
    expect(ranged(CHOICES, 0.3, 0.31)).toEqual([0.5, 1.5]);
    // its ends on the bounds of bands, as they are after the first drag
    expect(ranged(CHOICES, 0.25, 0.75)).toEqual([0.5, 2.5]);
    expect(ranged(CHOICES, 0, 1)).toEqual([-0.5, 3.5]);
  });
});

describe('a range that there is', () => {
  const range: [number, number] = [20, 60];

  it('is taken at an end, in the middle, or not at all', () => {
    const grip = (at: number) => press(NUMBERS, range, at, 0.02).grip;
    expect([0.19, 0.21, 0.4, 0.59, 0.61, 0.8].map(grip)).toEqual(['low', 'low', 'all', 'high', 'high', 'new']);
  });

  it('can be moved though it is short', () => {
    expect(press(NUMBERS, [50, 52], 0.51, 0.02).grip).toBe('all');
    expect(press(NUMBERS, [50, 52], 0.49, 0.02).grip).toBe('low');
  });

  it('is resized, turning over at the other end', () => {
    const high = press(NUMBERS, range, 0.6, 0.02);
    expect(dragged(NUMBERS, high, 0.7)).toEqual([20, 70]);
    expect(dragged(NUMBERS, high, 0.1)).toEqual([10, 20]);
  });

  it('is moved as it is, no farther than the axis goes', () => {
    const all = press(NUMBERS, range, 0.4, 0.02);
    expect(dragged(NUMBERS, all, 0.5)).toEqual([30, 70]);
    expect(dragged(NUMBERS, all, 1)).toEqual([60, OPEN]);
    const bands = press(CHOICES, [0.5, 1.5], 0.4, 0.02);
    expect(dragged(CHOICES, bands, 0.6)).toEqual([1.5, 2.5]);
    expect(dragged(CHOICES, bands, 0.9)).toEqual([2.5, 3.5]);
  });
});

describe('keys', () => {
  it('move an end by a step', () => {
    expect(nudged(NUMBERS, [20, 60], 0, 1)).toEqual([22, 60]);
    expect(nudged(NUMBERS, undefined, 1, -10)).toEqual([-OPEN, 80]);
    expect(nudged(CHOICES, undefined, 0, 1)).toEqual([0.5, 3.5]);
  });

  it('never turn a range over', () => {
    expect(nudged(NUMBERS, [20, 60], 0, Infinity)).toEqual([60, 60]);
    expect(nudged(CHOICES, [0.5, 1.5], 1, -1)).toEqual([0.5, 1.5]);
  });

  it('mean steps, or nothing', () => {
    expect(['ArrowUp', 'PageDown', 'Home', 'End', 'a'].map(stepsOf)).toEqual([1, -10, -Infinity, Infinity, null]);
  });
});

describe('which trials pass', () => {
  const held = [
    { id: 'a', values: [1, 2, 3, NaN, Infinity] },
    { id: 'b', values: [5, 6, 7, 8, 9] }
  ];

  it('is what is inside all ranges; what is not active is in none', () => {
    expect([...inside(held, { a: [2, 3], b: [0, 6] }, 5)]).toEqual([0, 1, 0, 0, 0]);
    expect([...inside(held, { a: [2, OPEN] }, 5)]).toEqual([0, 1, 1, 0, 1]);
    expect([...inside(held, { gone: [2, 3] }, 5)]).toEqual([1, 1, 1, 1, 1]);
  });

  it('changes with one column', () => {
    expect(withRange({ a: [1, 2], b: [3, 4] }, 'a', null)).toEqual({ b: [3, 4] });
    expect(withRange({ b: [3, 4] }, 'a', [1, 2])).toEqual({ a: [1, 2], b: [3, 4] });
  });
});
