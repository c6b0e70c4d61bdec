import { describe, expect, it } from 'vitest';
import { bins, parsed } from './numbers';

describe('parsed', () => {
  it('reads numbers as Python writes them', () => {
    expect(parsed(' 1e-3 ')).toBe(0.001);
    expect(parsed('−2')).toBe(-2);
    expect(parsed('1_000')).toBe(1000);
    expect(parsed('.5')).toBe(0.5);
  });

  it('tells what is empty from what is no number', () => {
    expect(parsed(' ')).toBeUndefined();
    for (const text of ['abc', '1,5', '--1', '1e', 'inf', '0x10', '.', '1e999']) {
      expect(parsed(text)).toBeNull();
    }
  });
});

describe('bins', () => {
  it('counts every finite value once', () => {
    const found = bins([0, 1, 2, 3, NaN, Infinity])!;
    expect(found.counts.reduce((a, b) => a + b, 0)).toBe(4);
    expect([found.low, found.high]).toEqual([0, 3]);
    expect(found.edges.length).toBe(found.counts.length + 1);
    expect(found.counts[0]).toBe(1);
    expect(found.counts.at(-1)).toBe(1);
  });

  it('is on a log scale where values spread over decades', () => {
    const found = bins([1e-5, 1e-4, 1e-3, 1e-2, 1e-1])!;
    expect(found.counts.filter(times => times > 0).length).toBe(5);
  });

  it('has a place for equal values, and none for none', () => {
    expect(bins([5, 5])!.counts[0]).toBe(2);
    expect(bins([NaN])).toBeNull();
    expect(bins([-1.7e308, 1.7e308])!.counts.reduce((a, b) => a + b, 0)).toBe(2);
  });
});
