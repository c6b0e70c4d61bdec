import { describe, expect, it } from 'vitest';
import type { Dimension } from './dimensions';
import { bandwidth, between, modelled, smooth, trust, type Field } from './smooth';

const NUMBERS: Dimension = {
  ...{ id: 'p:x', title: 'x', choices: null, stops: null },
  ...{ log: false, low: 0, high: 10, least: 0, most: 10 }
};
const CHOICES: Dimension = { ...NUMBERS, choices: ['a', 'b'], low: -0.5, high: 1.5 };

function at(field: Field, x: number, y: number, of = field.z): number {
  const [nx, ny] = [field.xs.length, field.ys.length];
  return of[Math.floor(y * ny) * nx + Math.floor(x * nx)]!;
}

/** The same, trial by trial. */
function directly(xs: number[], ys: number[], zs: number[], x: number, y: number): number {
  const width = bandwidth(zs.length);
  const weights = zs.map((_, i) => Math.exp(-((xs[i]! - x) ** 2 + (ys[i]! - y) ** 2) / (2 * width ** 2)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return zs.reduce((a, z, i) => a + z * weights[i]!, 0) / sum;
}

describe('the average of trials nearby', () => {
  const xs = Array.from({ length: 60 }, (_, i) => (i * 0.618) % 1);
  const ys = Array.from({ length: 60 }, (_, i) => (i * 0.755) % 1);
  const zs = xs.map((x, i) => 0.8 * x + 0.2 * ys[i]!);

  it('is that of the kernel, up to the size of a cell', () => {
    const field = smooth({ x: xs, y: ys, z: zs }, [0, 0]);
    for (const [x, y] of [[0.2, 0.3], [0.5, 0.9], [0.95, 0.1]] as const) {
      expect(at(field, x, y)).toBeCloseTo(directly(xs, ys, zs, x, y), 1);
      expect(Math.abs(at(field, x, y) - directly(xs, ys, zs, x, y))).toBeLessThan(0.02);
    }
  });

  it('knows nothing far from all trials', () => {
    const field = smooth({ x: [0.1], y: [0.1], z: [0.7] }, [0, 0]);
    expect(at(field, 0.1, 0.1)).toBeCloseTo(0.7);
    expect(trust(at(field, 0.1, 0.1, field.near!))).toBeGreaterThan(0.9);
    expect(trust(at(field, 0.9, 0.9, field.near!))).toBe(0);
    expect(at(field, 0.9, 0.9)).toBeNaN();
  });

  it('does not go across choices', () => {
    const field = smooth({ x: [0.25, 0.75], y: [0.5, 0.5], z: [0, 1] }, [2, 0]);
    expect(field.xs.length).toBe(2);
    expect([at(field, 0.2, 0.5), at(field, 0.8, 0.5)]).toEqual([0, 1]);
  });

  it('passes over trials without a place or a value', () => {
    const field = smooth({ x: [0.5, NaN, 0.5], y: [0.5, 0.5, 0.5], z: [0.4, 1, NaN] }, [0, 0]);
    expect(at(field, 0.5, 0.5)).toBeCloseTo(0.4);
  });

  it('takes a narrower kernel the more trials there are', () => {
    expect(bandwidth(10_000)).toBeLessThan(bandwidth(100));
    expect(bandwidth(1)).toBeLessThanOrEqual(0.15);
  });
});

describe('a model’s surface', () => {
  const model = { none: '', x: [0, 5, 10], y: ['b', 'a'], mean: [[0, 5, 10], [10, 10, 10]] } as const;

  it('is on its own grid, choices by label', () => {
    const field = modelled(JSON.parse(JSON.stringify(model)), 'mean', [NUMBERS, CHOICES, NUMBERS])!;
    expect([...field.xs]).toEqual([0, 0.5, 1]);
    expect([...field.ys]).toEqual([0.75, 0.25]);
    expect([...field.z]).toEqual([0, 0.5, 1, 1, 1, 1]);
  });

  it('is none without what is asked for', () => {
    expect(modelled({ none: '' }, 'std', [NUMBERS, NUMBERS, NUMBERS])).toBeNull();
  });
});

describe('between the places of a grid', () => {
  it('goes evenly along numbers', () => {
    const { low, share } = between(Float64Array.of(0, 0.5, 1), 4, NUMBERS);
    expect([...low]).toEqual([0, 0, 1, 1]);
    expect([...share]).toEqual([0.25, 0.75, 0.25, 0.75]);
  });

  it('stays in the band of a choice, wherever the grid has it', () => {
    const { low, share } = between(Float64Array.of(0.75, 0.25), 4, CHOICES);
    expect([...low]).toEqual([1, 1, 0, 0]);
    expect([...share]).toEqual([0, 0, 0, 0]);
  });

  it('needs no second place', () => {
    expect([...between(Float64Array.of(0.5), 2, NUMBERS).low]).toEqual([0, 0]);
  });
});
