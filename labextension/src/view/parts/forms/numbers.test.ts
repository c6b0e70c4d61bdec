import { describe, expect, test } from 'vitest';
import type { Param } from '../../protocol';
import { misfit, noNumber, onStep, parsed, rangeTold, typed } from './numbers';

const FLOAT: Param = {
  ...{ key: 'x', name: 'x', type: 'Float', low: 0, high: 0.6, log: false, step: 0.1 },
  ...{ default: null, condition: '', dynamic: false }
};

describe('what people type', () => {
  test.each([
    ['1e-3', 0.001],
    [' 0.5 ', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-2E+3', -2000],
    ['−1.5', -1.5],
    ['1e−5', 1e-5],
    ['1_000', 1000]
  ])('%s is a number', (text, number) => expect(parsed(text)).toBe(number));

  test.each(['', 'x', '1,5', '1e', '0x10', 'nan', 'Infinity', '1e999', '1 2', '.', '-'])(
    '%j is none',
    text => expect(parsed(text)).toBe(null)
  );

  test('a comma is understood, and told how to be written', () => {
    expect(noNumber('0,01')).toBe('with a point: 0.01');
    expect(noNumber('1,2,3')).toMatch(/^a number/);
  });
});

test('what is shown to be edited is short and exact', () => {
  expect([1e-5, 0.1, 512, 1e-4, 0.003060015437664357, 0, 2e6, -1e-5].map(typed)).toEqual(
    ['1e-5', '0.1', '512', '1e-4', '0.003060015437664357', '0', '2e6', '-1e-5']
  );
  for (const x of [1 / 3e5, 123456789.125, 5e-324, 2 ** 53]) {
    expect(parsed(typed(x))).toBe(x);
  }
});

test('steps are as exact as decimals', () => {
  expect([0.1, 0.2, 0.3, 0.6].every(x => onStep(0, 0.1, x))).toBe(true);
  expect(onStep(0, 0.1, 0.25)).toBe(false);
  expect(misfit(FLOAT, 0.25)).toBe('in steps of 0.1: 0.2 or 0.3');
  expect(misfit({ ...FLOAT, high: 0.55 }, 0.53)).toBe('in steps of 0.1: 0.5');
  expect(misfit(FLOAT, 0.30000000000000004)).toBe('');
});

test('ranges are told with their scale', () => {
  expect(rangeTold(FLOAT)).toBe('0 to 0.6, steps of 0.1');
  expect(rangeTold({ ...FLOAT, type: 'Int', low: 1, high: 64, step: null, log: true })).toBe(
    '1 to 64, whole, log scale'
  );
});
