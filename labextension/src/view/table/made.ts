/** Trials and columns for tests. */
import type { Column, Trial } from '../data/study';
import type { Param, WireTrial } from '../protocol';
import { specsOf, type Shape } from './columns';
import type { Spec } from './spec';

export function trial(n: number, more: Partial<Trial> & Partial<WireTrial> = {}): Trial {
  const value = typeof more.v === 'number' ? more.v : NaN;
  return { n, s: 'COMPLETE', p: {}, value, steps: [], curve: [], ...more };
}

function param(name: string, more: Partial<Param>): Param {
  return { key: name, name, type: 'Float', default: 0, condition: '', dynamic: false, ...more };
}

function column(name: string, more: Partial<Param>): Column {
  const only = param(name, more);
  return { name, params: [only], numeric: !only.choices, log: false };
}

const COLUMNS: readonly Column[] = [
  column('lr', { low: 1e-5, high: 0.1, log: true }),
  column('size', { type: 'Categorical', choices: ['small', 'medium', 'large'] }),
  column('leak', { low: 0, high: 1, condition: "if size == 'small'" })
];

export function specs(more: Partial<Shape> = {}): readonly Spec[] {
  const shape = { metric: 'loss', maximize: false, reported: true, reasons: true, whole: false };
  return specsOf(COLUMNS, { ...shape, ...more });
}

export function spec(id: string): Spec {
  return specs().find(each => each.id === id)!;
}
