import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../protocol';
import { holds } from './condition';

const VALUES: Record<string, Scalar> = { activation: 'relu', depth: 3, norm: true, none: null, q: "it's" };
const known = (name: string): Scalar | undefined => VALUES[name];

describe('a condition', () => {
  test.each([
    ["activation == 'relu'", true],
    ["if activation == 'relu'", true],
    ['activation != "relu"', false],
    ["not (activation == 'relu')", false],
    ['norm', true],
    ['not norm', false],
    ['norm == 1', true],
    ['depth > 2', true],
    ['depth >= 3', true],
    ['depth < 3', false],
    ['depth <= 3', true],
    ['depth == -3', false],
    ["activation in ('tanh', 'gelu')", false],
    ["activation not in ['tanh', 'gelu']", true],
    ['none is None', true],
    ['none is not None', false],
    ["activation == 'relu' and not (depth > 5)", true],
    ["(activation == 'tanh' or depth == 3) and norm", true],
    ["activation == 'tanh' or depth == 4", false],
    ["q == 'it\\'s'", true]
  ])('%s is %s', (text, verdict) => {
    expect(holds(text, known)).toBe(verdict);
  });

  test.each(['', 'elsewhere', 'elsewhere == 3', 'f(x)', 'model.deep', '1 < depth < 4', 'norm and', '¿', "norm == 'open", 'depth + 1 == 4', '(norm', 'not'])(
    '%s is not known',
    text => expect(holds(text, known)).toBe(null)
  );

  test('what is not known does not matter where the rest decides', () => {
    expect(holds('elsewhere or norm', known)).toBe(true);
    expect(holds('elsewhere and not norm', known)).toBe(false);
    expect(holds('elsewhere and norm', known)).toBe(null);
  });
});
