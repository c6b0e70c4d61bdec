import { describe, expect, it } from 'vitest';
import { placed, shownRange, type Axis } from './scene';

const LINEAR: Axis = { low: 0, high: 10, log: false };

describe('places on an axis', () => {
  it('keep the free ends, and lead back', () => {
    const { at, back } = placed({ ...LINEAR, before: 20, after: 10 }, undefined, 0, 130);
    expect([at(0), at(5), at(10)]).toEqual([20, 70, 120]);
    expect(back(70)).toBe(5);
  });

  it('go up the page, by factors if log', () => {
    const { at, back } = placed({ low: 1, high: 100, log: true }, undefined, 200, 0);
    expect([at(1), at(10), at(100)].map(Math.round)).toEqual([200, 100, 0]);
    expect(back(100)).toBeCloseTo(10);
    expect(Number.isFinite(at(0))).toBe(true);
  });

  it('go down the page where flipped', () => {
    const { at } = placed({ ...LINEAR, flip: true }, undefined, 100, 0);
    expect([at(0), at(10)]).toEqual([0, 100]);
  });

  it('follow the zoom, unless it makes no sense or the axis is fixed', () => {
    expect(placed(LINEAR, [2, 4], 0, 100).at(3)).toBe(50);
    expect(shownRange({ low: 1, high: 9, log: true }, [-1, 4])).toMatchObject({ low: 1, high: 9 });
    expect(shownRange({ ...LINEAR, fixed: true }, [2, 4])).toMatchObject({ low: 0, high: 10 });
    expect(shownRange(LINEAR, [4, 4])).toMatchObject({ low: 0, high: 10 });
  });

  it('never run off to where canvases fail', () => {
    const { at } = placed({ low: 0, high: 1e-300, log: false }, undefined, 0, 100);
    expect(Math.abs(at(1e300))).toBeLessThan(1e5);
    expect(Math.abs(at(-Infinity))).toBeLessThan(1e5);
  });
});
