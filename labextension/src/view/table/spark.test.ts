import { describe, expect, it } from 'vitest';
import { trial } from './made';
import { spark, SPARK_HEIGHT, SPARK_WIDTH, sparkLabel, thinned } from './spark';

function places(points: string): [number, number][] {
  return points.split(' ').map(place => place.split(',').map(Number) as [number, number]);
}

describe('spark', () => {
  it('goes from edge to edge and ends at the last report', () => {
    const drawn = spark([0, 1, 2], [3, 1, 2])!;
    expect(places(drawn.points)).toEqual([
      [2, 3],
      [28, 15],
      [54, 9]
    ]);
    expect(drawn.end).toEqual([54, 9]);
  });

  it('places reports by their steps', () => {
    expect(places(spark([0, 1, 10], [1, 2, 3])!.points)[1]![0]).toBeCloseTo(7.2);
  });

  it('draws at most 36 points of any number', () => {
    for (const length of [1, 2, 35, 36, 37, 71, 1000]) {
      const values = Array.from({ length }, (_, i) => i);
      const some = thinned(values);
      expect(some.length).toBeLessThanOrEqual(36);
      expect(some[0]).toBe(0);
      expect(some.at(-1)).toBe(length - 1);
      expect(new Set(some).size).toBe(some.length);
    }
  });

  it('stays within its box for what is large, equal, single or not finite', () => {
    const cases: [number[], number[]][] = [
      [[0, 1], [-1.7e308, 1.7e308]],
      [[0, 1], [5, 5]],
      [[3], [5]],
      [[0, 1, 2], [NaN, 1, Infinity]],
      [[0, 0], [1, 2]]
    ];
    for (const [steps, values] of cases) {
      for (const [x, y] of places(spark(steps, values)!.points)) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(SPARK_WIDTH);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(SPARK_HEIGHT);
      }
    }
  });

  it('is not drawn without a finite report', () => {
    expect(spark([], [])).toBeNull();
    expect(spark([0, 1], [NaN, Infinity])).toBeNull();
  });

  it('says what it shows', () => {
    const label = sparkLabel(trial(0, { steps: [0, 9], curve: [0.91, 0.123456], k: 1000 }));
    expect(label).toBe('1,000 reports, the first 0.91, the last 0.1235');
    expect(sparkLabel(trial(0))).toBe('');
  });
});
