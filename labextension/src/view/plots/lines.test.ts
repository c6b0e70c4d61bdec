import { describe, expect, it } from 'vitest';
import type { Dimension } from './dimensions';
import { arranged, moved, nearestLine, placed, ranked, scatter, type Frame } from './lines';

const FRAME: Frame = { xs: [0, 100, 200], top: 10, bottom: 110, notch: 130 };
const NUMBERS: Dimension = {
  ...{ id: 'p:x', title: 'x', choices: null, stops: null },
  ...{ log: false, low: 0, high: 1, least: 0, most: 1 }
};
const CHOICES: Dimension = { ...NUMBERS, choices: ['a', 'b'], low: -0.5, high: 1.5 };

describe('where lines run', () => {
  it('has low values at the bottom and what is not active beneath', () => {
    const ys = placed([NUMBERS, NUMBERS], [[0, 1, NaN], [0.5, NaN, 1]], [0, 1, 2], FRAME);
    expect([...ys]).toEqual([110, 60, 10, 130, 130, 10]);
  });

  it('spreads the lines of a choice within its band', () => {
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const ys = placed([CHOICES], [numbers.map(() => 1)], numbers, FRAME);
    expect(Math.min(...ys)).toBeGreaterThan(10);
    expect(Math.max(...ys)).toBeLessThan(60);
    expect(new Set(ys).size).toBeGreaterThan(150);
  });
});

describe('scatter', () => {
  it('is even and another one for another salt', () => {
    const some = Array.from({ length: 1000 }, (_, n) => [scatter(n, 1), scatter(n, 2)] as const);
    const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
    expect(mean(some.map(([a]) => a))).toBeCloseTo(0.5, 1);
    const together = mean(some.map(([a, b]) => (a - 0.5) * (b - 0.5))) * 12;
    expect(Math.abs(together)).toBeLessThan(0.1);
  });
});

describe('the order of lines', () => {
  it('has the best first and leaves out those without a value', () => {
    expect([...ranked([0.2, NaN, 1, 0.5])]).toEqual([2, 3, 0]);
    expect(ranked([]).length).toBe(0);
  });

  it('does not lose a trial among many', () => {
    const good = Array.from({ length: 3000 }, (_, n) => scatter(n));
    const order = [...ranked(good)];
    expect(new Set(order).size).toBe(3000);
    order.forEach((i, c) => c > 0 && expect(good[order[c - 1]!]! - good[i]!).toBeGreaterThan(-1 / 255));
  });
});

describe('the line at the pointer', () => {
  const ys = Float32Array.of(10, 110, 10, 50, 50, 50);

  it('is the nearest one by its distance, not by its height', () => {
    expect(nearestLine(ys, FRAME, [0, 1], 50, 58, 10)).toBe(0);
    expect(nearestLine(ys, FRAME, [0, 1], 20, 51, 10)).toBe(1);
    expect(nearestLine(ys, FRAME, [0, 1], 150, 48, 10)).toBe(1);
  });

  it('is none where none is near, or only one that is not asked about', () => {
    expect(nearestLine(ys, FRAME, [0, 1], 20, 90, 10)).toBe(-1);
    expect(nearestLine(ys, FRAME, [1], 50, 62, 10)).toBe(-1);
    expect(nearestLine(ys, FRAME, [0, 1], 260, 50, 10)).toBe(-1);
  });
});

describe('the order of axes', () => {
  it('is the user’s, new ones last and former ones gone', () => {
    expect(arranged(['a', 'b', 'c'], ['c', 'gone', 'a'])).toEqual(['c', 'a', 'b']);
  });

  it('changes by a move', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'b', 'c']);
  });
});
