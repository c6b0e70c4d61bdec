import { describe, expect, it } from 'vitest';
import { label, lastNumber, nice, rangeOf, ticks, timeTicks, wholeTicks } from './scale';

// what jupyter_hpo/view/scale.py has for the same values
const SAME: [number[], boolean, number, number, number, boolean][] = [
  [[0.06, 0.07, 0.2, 0.5], false, 0.07, 0.06, 0.07, true],
  [[0.9, 0.91, 0.95, 0.2], true, 0.9, 0.9, 0.95, false],
  [[1, 2, 3, 1000], false, 2, 1, 1000, true],
  [[-5, -4, 3, 900], false, -4, -5, -4, false],
  [[5, 5, 5], false, 5, 4.5, 5.5, false],
  [[0.1], false, NaN, 0.09, 0.11, false],
  [[0.5, 0.52, 0.53, 0.54, 9], false, 0.53, 0.5, 0.54, true],
  [[0.001, 1, 10, 1e6, 1e9], true, 1, 0.001, 1e9, true],
  [[3, 2.9, 2.8, -700], true, 2.8, 2.8, 3, false]
];

describe('the axis of the objective', () => {
  it.each(SAME)('of %j, maximize %s, default %d is as in Python', (values, max, base, ...rest) => {
    const [low, high, log] = rest;
    const range = rangeOf(values, max, base);
    expect(range.low).toBeCloseTo(low, 12);
    expect(range.high).toBeCloseTo(high, 12);
    expect(range.log).toBe(log);
  });

  it('is linear or log as the user wants, if there is a log', () => {
    expect(rangeOf([1, 2, 3], false, NaN).log).toBe(false);
    expect(rangeOf([1, 2, 3], false, NaN, true)).toEqual({ low: 1, high: 3, log: true });
    expect(rangeOf([1, 2, 1000], false, NaN, false).log).toBe(false);
    expect(rangeOf([-1, 2, 3], false, NaN, true).log).toBe(false);
    const one = rangeOf([2, 2], false, NaN, true);
    expect(one.log && one.low < 2 && one.high > 2).toBe(true);
  });

  it('takes no notice of what is not finite', () => {
    expect(rangeOf([1, 2, 3, Infinity, NaN], false, NaN)).toEqual(rangeOf([1, 2, 3], false, NaN));
    const none = rangeOf([], false, NaN);
    expect(none.low).toBeLessThan(none.high);
  });
});

describe('the axis of trials', () => {
  it.each([
    [3, 40, true, 39],
    [3, null, true, 10],
    [11, null, true, 20],
    [30, null, true, 50],
    [30, null, false, 30],
    [60, 40, true, 60],
    [10, 100, false, 10],
    [120, null, true, 200]
  ])('after trial %d of %s, live %s ends at %d', (last, total, live, end) => {
    expect(lastNumber(last, total, live)).toBe(end);
  });
});

describe('ticks', () => {
  const texts = (found: { text: string }[]): string[] => found.map(({ text }) => text);

  it('are round numbers with the digits that they need', () => {
    expect(texts(ticks({ low: 0, high: 1, log: false }))).toEqual([
      '0', '0.2', '0.4', '0.6', '0.8', '1.0'
    ]);
    expect(texts(ticks({ low: -3, high: 3, log: false }, 3))).toEqual(['−2', '0', '2']);
  });

  it('stay apart on log axes, and inside', () => {
    expect(texts(ticks({ low: 0.05, high: 0.8, log: true }, 4))).toEqual([
      '0.05', '0.1', '0.2', '0.5'
    ]);
    expect(texts(ticks({ low: 16, high: 512, log: true }, 2))).toEqual(['30', '100', '300']);
    const wide = ticks({ low: 1e-12, high: 1e12, log: true }, 5);
    expect(wide.length).toBeGreaterThan(2);
    expect(wide.length).toBeLessThan(8);
  });

  it('count trials in whole numbers', () => {
    expect(texts(wholeTicks({ low: 0, high: 3, log: false }, 8))).toEqual(['0', '1', '2', '3']);
    expect(texts(wholeTicks({ low: 0, high: 2000, log: false }, 2))).toEqual([
      '0', '1,000', '2,000'
    ]);
  });

  it('tell time in its own units', () => {
    expect(texts(timeTicks({ low: 0, high: 70, log: false }, 3))).toEqual(['0', '30 s', '1 min']);
    expect(texts(timeTicks({ low: 0, high: 9000, log: false }, 2))).toEqual(['0', '2 h']);
    expect(texts(timeTicks({ low: 0, high: 300_000, log: false }, 4))).toEqual([
      '0', '1 d', '2 d', '3 d'
    ]);
  });

  it('end where floats do', () => {
    for (const [low, high] of [[1e16, 1e16 + 2], [-1e308, 1e308], [0, 5e-324]] as const) {
      expect(ticks({ low, high, log: false }).length).toBeLessThan(60);
    }
  });

  it('have nice steps', () => {
    expect([0.3, 1, 1.5, 4, 7, 0.00021].map(nice)).toEqual([0.5, 1, 2, 5, 10, 0.0005]);
    expect(label(0.30000000000000004, 0.1)).toBe('0.3');
    expect(label(-2e-17, 0.1)).toBe('0');
  });
});
