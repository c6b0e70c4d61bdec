import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import { badgeOf, compact, type Badge } from './badge';
import { parse } from './python';
import { read } from './reader';

function badge(line: string): Badge | null {
  const source = parse(`%%tune\n${line}\n`, parser);
  const [declared] = read(source, { sources: () => [] }).declared;
  return declared ? badgeOf(source, declared) : null;
}

describe('a badge', () => {
  it.each([
    ['lr: Float(1e-5, 1e-1, log=True) = 1e-3', '1e-5 … 0.1', ['log'], 0.5],
    ['x: Float(0, 4) = 1', '0 … 4', [], 0.25],
    ['x: Float(low, 2 * high) = 1', 'low … 2 * high', [], null],
    ['x: Int(8, 64, step=8) = start', '8 … 64', ['step 8'], null],
    ['x: Int(1, 100000) = 1', '1 … 1e5', [], 0],
    ['if a:\n    x: Float(0, 1) = 1', '0 … 1', ['if'], 1]
  ])('of %j', (line, text, words, at) => {
    const found = badge(line);
    expect(found).toMatchObject({ text, words, dots: 0 });
    at === null ? expect(found?.at).toBeNull() : expect(found?.at).toBeCloseTo(at);
  });

  it('has a tick at each power of ten of a logarithmic scale', () => {
    expect(badge('x: Float(1e-3, 1, log=True) = 0.1')?.ticks.map(x => x.toFixed(2))).toEqual(['0.33', '0.67']);
    expect(badge('x: Float(1e-30, 1, log=True) = 0.1')?.ticks).toEqual([]);
  });

  it.each([
    ['a: Categorical("x", "y", "z") = "z"', '3 choices', 3, 2],
    ['a: Categorical(f, g) = g', '2 choices', 2, null],
    ['a: Categorical(names) = "z"', 'choices', 0, null],
    ['a: Bool() = True', 'True / False', 2, 1]
  ])('of %j', (line, text, dots, at) => {
    expect(badge(line)).toMatchObject({ text, dots, at });
  });

  it('is not drawn of what is wrong', () => {
    expect(badge('x: Float(1, 0) = 1')).toBeNull();
  });

  it('writes numbers in few letters', () => {
    expect([1e-5, 0.001, 0.5, 64, 1.5e6, -2e-4, 0].map(compact)).toEqual(['1e-5', '0.001', '0.5', '64', '1.5e6', '-2e-4', '0']);
  });
});
