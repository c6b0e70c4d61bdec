import { describe, expect, it } from 'vitest';
import { apart, bytes, duration, number, percent, real, value } from './format';

describe('number', () => {
  it.each([
    [0, '0'], [-0, '0'], [1, '1'], [0.1 + 0.2, '0.3'], [1234.5678, '1235'], [123456, '123456'],
    [1e6, '1e6'], [1.5e-7, '1.5e-7'], [0.00012346, '0.0001235'], [-2.5, '−2.5'],
    [Infinity, '∞'], [-Infinity, '−∞'], [NaN, 'nan']
  ])('%d is %s', (x, text) => expect(number(x)).toBe(text));
});

it('tells two numbers apart', () => {
  expect(apart(0.12345678, 0.1234567)).toEqual(['0.12345678', '0.1234567']);
  expect(apart(1, 2)).toEqual(['1', '2']);
});

it('reads the floats that JSON cannot hold', () => {
  expect([real('inf'), real('-inf'), real(2)]).toEqual([Infinity, -Infinity, 2]);
  expect(real('nan')).toBeNaN();
  expect(real(undefined)).toBeNaN();
});

it.each([
  [0.0304, '30 ms'], [9.96, '10 s'], [65, '1 min 05 s'], [3661, '1 h 01 min'], [90000, '1 d 1 h']
])('%d s is %s', (s, text) => expect(duration(s)).toBe(text));

it.each([[0.999, 'over 99 %'], [0.312, '31 %'], [0.0123, '1.2 %']])('%d is %s', (x, text) =>
  expect(percent(x)).toBe(text)
);

it.each([[999, '999 bytes'], [1.25e9, '1.25 GB'], [3e13, '30.0 TB']])('%d bytes are %s', (n, text) =>
  expect(bytes(n)).toBe(text)
);

it('writes values as Python does', () => {
  expect([true, false, null, 3, 0.25, 'relu', undefined].map(value)).toEqual([
    'True', 'False', 'None', '3', '0.25', 'relu', ''
  ]);
});
