import { describe, expect, test } from 'vitest';
import type { Column } from '../../data/study';
import type { Param } from '../../protocol';
import { conditionTold, fieldsOf, filledWith, filledWithDefaults, hint, possible, told, wanted } from './fields';

const BASE = { default: null, condition: '', dynamic: false, step: null, log: false };
const LR: Param = { ...BASE, key: 'lr', name: 'lr', type: 'Float', low: 1e-5, high: 0.1, log: true, default: 0.001 };
const ACT: Param = { ...BASE, key: 'act', name: 'act', type: 'Categorical', choices: ['relu', 'tanh', null, 1], default: 'relu' };
const LEAK: Param = { ...BASE, key: 'leak', name: 'leak', type: 'Float', low: 0, high: 0.3, default: 0, condition: "act == 'relu'" };
const NORM: Param = { ...BASE, key: 'norm', name: 'norm', type: 'Bool', choices: [false, true], default: true };
const FEW: Param = { ...BASE, key: 'depth', name: 'depth', type: 'Int', low: 1, high: 4, default: 2, condition: 'norm' };
const MANY: Param = { ...BASE, key: 'depth#2', name: 'depth', type: 'Int', low: 8, high: 32, step: 8, default: 16, condition: 'not norm' };
const SEEN: Param = { ...BASE, key: 'seen', name: 'seen', type: 'Float', low: 0, high: 1, default: 0.5, condition: 'f(x)', dynamic: true };

function column(...params: Param[]): Column {
  return { name: params[0]!.name, params, numeric: true, log: false };
}
const FIELDS = fieldsOf([column(LR), column(ACT), column(LEAK), column(NORM), column(FEW, MANY), column(SEEN)]);
const DEFAULTS = filledWithDefaults(FIELDS);

describe('starting points', () => {
  test('the defaults, of what exists with them', () => {
    expect(DEFAULTS).toEqual({ lr: '0.001', act: '0', leak: '0', norm: '1', depth: '2', seen: '' });
  });

  test('a trial, whichever branch it took', () => {
    const texts = filledWith(FIELDS, { lr: 0.5, act: null, norm: false, 'depth#2': 24 });
    expect(texts).toEqual({ lr: '0.5', act: '2', leak: '', norm: '0', depth: '24', seen: '' });
    expect(wanted(FIELDS, { ...texts, lr: '0.05' })).toEqual({
      values: { lr: 0.05, act: null, norm: false, depth: 24 },
      problems: {}
    });
  });

  test('a choice that there is no more is left open', () => {
    expect(filledWith(FIELDS, { act: 'gone' })['act']).toBe('');
  });
});

describe('what is sent', () => {
  test('values by name, and nothing of empty fields', () => {
    expect(wanted(FIELDS, { ...DEFAULTS, lr: '1e-3', depth: '' }).values).toEqual({
      lr: 0.001,
      act: 'relu',
      leak: 0,
      norm: true
    });
  });

  test('not a field of the branch that is not taken, not even its mistakes', () => {
    const { values, problems } = wanted(FIELDS, { ...DEFAULTS, act: '1', leak: 'x' });
    expect(values).not.toHaveProperty('leak');
    expect(problems).toEqual({});
  });

  test('an empty field counts as its default', () => {
    expect(wanted(FIELDS, { act: '', leak: '0.1' }).values).toEqual({ leak: 0.1 });
  });

  test('a field whose condition cannot be looked at is the user’s', () => {
    expect(wanted(FIELDS, { seen: '0.25' }).values).toEqual({ seen: 0.25 });
  });
});

describe('what is wrong', () => {
  test.each([
    ['lr', 'much', /a number/],
    ['lr', '0,01', /with a point: 0\.01/],
    ['lr', '1', /from 1e-5 to 0\.1/],
    ['depth', '2.5', /whole/],
    ['depth', '9', /from 1 to 4/]
  ])('%s = %s', (name, text, problem) => {
    const found = wanted(FIELDS, { ...DEFAULTS, [name]: text });
    expect(found.problems[name]).toMatch(problem);
    expect(found.values).not.toHaveProperty(name);
  });

  test('is judged by the branch that is taken', () => {
    const other = { ...DEFAULTS, norm: '0' };
    expect(wanted(FIELDS, { ...other, depth: '16' })).toMatchObject({ values: { depth: 16 } });
    expect(wanted(FIELDS, { ...other, depth: '17' }).problems['depth']).toBe('in steps of 8: 16 or 24');
    expect(wanted(FIELDS, { ...other, depth: '2' }).problems['depth']).toMatch(/from 8 to 32/);
  });
});

test('what is said of a field', () => {
  const depth = FIELDS[4]!;
  expect(conditionTold(depth.params)).toBe('only if norm, or if not norm');
  expect(hint(possible(depth, FIELDS, DEFAULTS))).toBe('1 to 4, whole');
  expect(hint([LR])).toBe('1e-5 to 0.1, log scale');
  expect(possible(FIELDS[2]!, FIELDS, { act: '1' })).toEqual([]);
  expect(conditionTold(possible(depth, FIELDS, DEFAULTS))).toBe('only if norm');
  expect(conditionTold([LR, FEW])).toBe('');
  expect(told({ a: '\u202e', b: 1 })).toBe('\u2068a \u202e\u2069, b 1');
  expect(told({ lr: 0.01, norm: true, act: null })).toBe('lr 0.01, norm True, act None');
});
