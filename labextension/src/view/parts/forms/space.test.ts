import { describe, expect, test } from 'vitest';
import type { Trial } from '../../data/study';
import type { Param, State, Values } from '../../protocol';
import { bestQuarter, bounds, changes, insideOf, isWrong, spanned, staying } from './space';

const BASE = { default: null, condition: '', dynamic: false, step: null, log: false };
const LR: Param = { ...BASE, key: 'lr', name: 'lr', type: 'Float', low: 1e-5, high: 0.1, log: true };
const DROP: Param = { ...BASE, key: 'drop', name: 'drop', type: 'Float', low: 0, high: 0.6, step: 0.1 };
const WIDTH: Param = { ...BASE, key: 'width', name: 'width', type: 'Int', low: 16, high: 512 };
const ACT: Param = { ...BASE, key: 'act', name: 'act', type: 'Categorical', choices: ['relu', 'tanh', 'gelu'] };
const PARAMS = [LR, DROP, WIDTH, ACT];

function trial(p: Values, value = 0, s: State = 'COMPLETE'): Trial {
  return { n: 0, s, p, value, steps: [], curve: [] };
}

describe('what is typed', () => {
  test('only what is other than now is sent', () => {
    const drafts = { lr: { low: '1e-4' }, drop: { low: '0', high: '0.5' }, width: { high: '512' }, act: { off: [1] } };
    expect(changes(PARAMS, drafts)).toEqual({
      lr: { low: 1e-4 },
      drop: { high: 0.5 },
      act: { choices: [0, 2] }
    });
    expect(changes(PARAMS, { act: { off: [] } })).toEqual({});
  });

  test.each([
    [LR, { low: '0' }, 'lowProblem', /above 0/],
    [LR, { low: 'x' }, 'lowProblem', /a number/],
    [LR, { low: '0.2' }, 'lowProblem', /below high/],
    [LR, { high: '1e-6' }, 'highProblem', /below high/],
    [WIDTH, { high: '20.5' }, 'highProblem', /whole/],
    [WIDTH, { low: '64', high: '64' }, 'highProblem', /below high/]
  ] as const)('%o: %o is refused', (param, draft, side, problem) => {
    expect(bounds(param, draft)[side]).toMatch(problem);
    expect(isWrong(PARAMS, { [param.key]: draft })).toBe(true);
  });

  test('wider is allowed', () => {
    expect(isWrong(PARAMS, { lr: { low: '1e-7', high: '1' } })).toBe(false);
  });
});

describe('the trials that stay in', () => {
  const trials = [
    trial({ lr: 0.01, drop: 0.1, width: 32, act: 'relu' }),
    trial({ lr: 0.001, drop: 0.3, width: 64, act: 'tanh' }, 0, 'FAIL'),
    trial({ lr: 0.0001, act: 'gelu' }),
    trial({ lr: 0.01, act: 'relu' }, 0, 'RUNNING')
  ];

  test('are all at first; what runs does not count', () => {
    expect(staying(trials, PARAMS, {})).toEqual({ inside: 3, of: 3 });
  });

  test('have each of their values inside, bounds included', () => {
    expect(staying(trials, PARAMS, { lr: { low: '0.001' } }).inside).toBe(2);
    expect(staying(trials, PARAMS, { lr: { low: '0.0011' } }).inside).toBe(1);
    expect(staying(trials, PARAMS, { act: { off: [0, 2] } }).inside).toBe(1);
    expect(staying(trials, PARAMS, { width: { high: '40' } }).inside).toBe(2);
  });

  test('are on the steps, which begin at the lower bound', () => {
    expect(staying(trials, PARAMS, { drop: { low: '0.1' } }).inside).toBe(3);
    expect(staying(trials, PARAMS, { drop: { low: '0.05' } }).inside).toBe(1);
  });

  test('a choice that was dropped before is not among them', () => {
    expect(insideOf(PARAMS, {})(trial({ act: 'elu' }))).toBe(false);
  });
});

describe('the best quarter', () => {
  const values = [0.5, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7];
  const complete = values.map((value, n) => trial({ lr: 0.00123 * (n + 1), width: 16 * (n + 1) }, value));

  test('is by the direction of the study', () => {
    expect(bestQuarter(complete, false).map(each => each.value)).toEqual([0.1, 0.2]);
    expect(bestQuarter(complete, true).map(each => each.value)).toEqual([0.9, 0.8]);
    expect(bestQuarter(complete.slice(0, 3), false)).toEqual([]);
  });

  test('spans round numbers that hold its values', () => {
    const good = bestQuarter(complete, false); // lr 0.00246 and 0.00492
    expect(spanned(LR, good)).toEqual([0.0024, 0.005]);
    expect(spanned(WIDTH, good)).toEqual([32, 64]);
  });

  test('stays within the range there is, and is not a point', () => {
    expect(spanned({ ...LR, low: 0.00245, high: 0.00493 }, bestQuarter(complete, false))).toEqual([0.00245, 0.00493]);
    expect(spanned(WIDTH, [complete[0]!])).toBe(null);
    expect(spanned(DROP, complete)).toBe(null);
  });
});
