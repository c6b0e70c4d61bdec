import { describe, expect, it } from 'vitest';
import { isolines } from './squares';

function points(ends: number[]): [number, number][] {
  return Array.from({ length: ends.length / 2 }, (_, i) => [ends[2 * i]!, ends[2 * i + 1]!]);
}

describe('lines of equal value', () => {
  it('are on the circle of a cone', () => {
    const n = 41;
    const z = Array.from({ length: n * n }, (_, at) => Math.hypot((at % n) - 20, Math.floor(at / n) - 20));
    const found = points(isolines(z, n, n, 12));
    expect(found.length).toBeGreaterThan(60);
    found.forEach(([x, y]) => expect(Math.hypot(x - 20, y - 20)).toBeCloseTo(12, 1));
  });

  it('close: each end is that of two pieces', () => {
    const n = 15;
    const z = Array.from({ length: n * n }, (_, at) => Math.hypot((at % n) - 7, Math.floor(at / n) - 7));
    const times = new Map<string, number>();
    points(isolines(z, n, n, 4.3)).forEach(([x, y]) => {
      const key = `${x.toFixed(6)} ${y.toFixed(6)}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    });
    expect(new Set(times.values())).toEqual(new Set([2]));
  });

  it('cross between the corners by their values', () => {
    expect(isolines([0, 4, 0, 4], 2, 2, 1)).toEqual([0.25, 0, 0.25, 1]);
  });

  it('join what is higher across a saddle if its middle is high', () => {
    // lower left and upper right are high; the corners that are cut off are the low ones
    const joined = points(isolines([3, 0, 0, 3], 2, 2, 1));
    expect(joined).toEqual([[0, 2 / 3], [1 / 3, 1], [2 / 3, 0], [1, 1 / 3]].map(p => p.map(x => expect.closeTo(x))));
    const parted = points(isolines([3, 0, 0, 3], 2, 2, 2));
    expect(parted).toEqual([[0, 1 / 3], [1 / 3, 0], [1, 2 / 3], [2 / 3, 1]].map(p => p.map(x => expect.closeTo(x))));
  });

  it('are not drawn where nothing is known, or where there are none', () => {
    expect(isolines([0, 4, NaN, 4], 2, 2, 1)).toEqual([]);
    expect(isolines([0, 1, 2, 3], 2, 2, 9)).toEqual([]);
  });
});
