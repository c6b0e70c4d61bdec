import { describe, expect, test } from 'vitest';
import type { Glance, Trial } from '../data/study';
import { against, exact, facts, reportsTold, roles, stateTold } from './words';

function trial(some: Partial<Trial>): Trial {
  return { n: 0, s: 'COMPLETE', p: {}, value: NaN, steps: [], curve: [], ...some };
}

describe('the state', () => {
  test.each([
    [{ s: 'COMPLETE' }, 'complete'],
    [{ s: 'FAIL', e: 'ValueError: nan' }, 'failed: ValueError: nan'],
    [{ s: 'FAIL' }, 'failed'],
    [{ s: 'PRUNED', e: 'pruned at step 7' }, 'pruned at step 7'],
    [{ s: 'SKIPPED', e: 'skipped' }, 'skipped'],
    [{ s: 'RUNNING' }, 'running'],
    [{ s: 'WAITING', a: 3 }, 'waits since report 3; goes on if it is among the best']
  ] as const)('%o is told', (some, told) => {
    expect(stateTold(trial(some), 'running')).toBe(told);
  });

  test('of a trial that stands still', () => {
    expect(stateTold(trial({ s: 'RUNNING' }), 'paused')).toBe('parked');
  });

  test('roles', () => {
    const best = trial({ n: 4, q: true });
    expect(roles(best, { best } as Glance)).toEqual(['the best', 'asked for by you']);
    expect(roles(trial({ n: 5 }), { best } as Glance)).toEqual([]);
  });
});

describe('against another trial', () => {
  const [small, large] = [trial({ n: 1, value: 0.06 }), trial({ n: 2, value: 0.08 })];

  test('better depends on the direction', () => {
    expect(against(small, large, 'the default', false)).toEqual({
      told: '0.02 (25 %) better than the default’s 0.08',
      better: true
    });
    expect(against(small, large, 'the default', true)!.told).toMatch(/ worse than the default’s 0\.08$/);
    expect(against(large, small, 'the best', false)).toMatchObject({ better: false });
  });

  test('equal is neither, and nothing is said without two values', () => {
    expect(against(small, trial({ n: 3, value: 0.06 }), 'the best', false)!.better).toBe(null);
    expect(against(small, small, 'the best', false)).toBe(null);
    expect(against(small, trial({ n: 3 }), 'the best', false)).toBe(null);
    expect(against(trial({}), small, 'the best', false)).toBe(null);
    expect(against(small, null, 'the best', false)).toBe(null);
  });
});

test('a value has all its digits', () => {
  expect(exact(0.1 + 0.2)).toBe('0.30000000000000004');
  expect(exact(-1.5)).toBe('−1.5');
});

test('facts are only those there are', () => {
  expect(facts(trial({}), 0)).toEqual([]);
  const told = Object.fromEntries(
    facts(trial({ d: 72, m: 4e8, g: 1.2e9, z: [[10, 13], [20, null]] }), 24)
  );
  expect(told).toEqual({
    took: '1 min 12 s',
    parked: '7.0 s, 2 times',
    'peak memory': '400 MB',
    'peak GPU memory': '1.2 GB'
  });
});

test('reports: the best one is named, whatever is not finite', () => {
  expect(reportsTold([0, 1, 2], [0.5, 0.2, NaN], false)).toBe('3 reports, smallest 0.2 at step 1');
  expect(reportsTold([0, 1, 2], [0.5, 0.2, -Infinity], true)).toBe('3 reports, largest 0.5 at step 0');
  expect(reportsTold([0], [NaN], false)).toBe('1 report');
});
