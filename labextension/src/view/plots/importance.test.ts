import { describe, expect, it } from 'vitest';
import type { Column } from '../data/study';
import { pairOf } from './contour-pair';
import { barsOf, goodOf, told } from './importance';

describe('importances', () => {
  it('are sorted, without what is no number', () => {
    const bars = barsOf({ a: 0.1, b: 0.7, c: 'nan' as unknown as number });
    expect(bars).toEqual([{ name: 'b', share: 0.7 }, { name: 'a', share: 0.1 }]);
  });

  it('rest on the best tenth, on 8 at least, on no more than half', () => {
    expect([16, 40, 200, 4, 1].map(goodOf)).toEqual([8, 8, 20, 2, 1]);
  });

  it('are told with what they rest on', () => {
    const words = told({ method: 'PED-ANOVA', trials: 200, values: {}, note: 'a rough picture' });
    expect(words).toContain('the best 20 of 200 complete trials');
    expect(words).toMatch(/ A rough picture\.$/);
    expect(told({ method: 'fANOVA', trials: 9, values: {}, note: '' })).not.toContain('best');
  });
});

describe('the pair of a contour plot', () => {
  const columns = (['c', 'x', 'y', 'z'] as const).map(
    (name): Column => ({ name, params: [], numeric: name !== 'c', log: false })
  );
  const names = (wanted: string[], best: string[]) => pairOf(columns, wanted, best)?.map(({ name }) => name);

  it('is what is wanted, else what is most important, else numbers', () => {
    expect(names(['z', 'c'], ['x', 'y'])).toEqual(['z', 'c']);
    expect(names([], ['z', 'c'])).toEqual(['z', 'c']);
    expect(names([], [])).toEqual(['x', 'y']);
    expect(names(['gone', 'x'], [])).toEqual(['y', 'x']);
    expect(names(['x', 'x'], [])).toEqual(['x', 'y']);
  });

  it('is none of a single one', () => {
    expect(pairOf(columns.slice(0, 1), [], [])).toBeNull();
    expect(pairOf(columns.slice(0, 2), [], [])?.map(({ name }) => name)).toEqual(['x', 'c']);
  });
});
