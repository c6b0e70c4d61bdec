import { describe, expect, it } from 'vitest';
import type { Column } from '../data/study';
import type { Scalar } from '../protocol';
import { figure } from './columns';
import { spec, specs, trial } from './made';
import { Choices } from './params';
import { exact, NOT_ACTIVE } from './spec';

it('keeps trailing zeros, so that points align', () => {
  expect(figure(0.1, false)).toBe('0.1000');
  expect(figure(-12.5, false)).toBe('−12.50');
  expect(figure(3, true)).toBe('3');
  expect(figure(0, false)).toBe('0');
  expect(figure(Infinity, false)).toBe('∞');
});

it('shows the last report where there is no final value', () => {
  const { text } = spec('value');
  expect(text(trial(0, { v: 0.5, steps: [0], curve: [0.7] }))).toBe('0.5000');
  expect(text(trial(0, { s: 'PRUNED', steps: [0], curve: [0.7] }))).toBe('(0.7000)');
  expect(text(trial(0, { s: 'FAIL' }))).toBe('');
  // what a trial had before it failed is no final value
  expect(text(trial(0, { s: 'FAIL', v: 0.5, steps: [0], curve: [0.7] }))).toBe('(0.7000)');
});

it('has columns for reports and reasons only once there are any', () => {
  const ids = specs({ reported: false, reasons: false }).map(({ id }) => id);
  expect(ids).toEqual(['trial', 'state', 'value', 'p:lr', 'p:size', 'p:leak', 'seconds']);
  expect(specs().slice(-2).map(({ id }) => id)).toEqual(['reports', 'reason']);
});

describe('Choices', () => {
  const common = { key: '', name: 'x', default: 0, condition: '', dynamic: false };
  const branches = (...each: (Scalar[] | null)[]): Column => ({
    name: 'x',
    params: each.map(choices =>
      choices
        ? { ...common, type: 'Categorical', choices }
        : { ...common, type: 'Float', low: 0, high: 1 }
    ),
    numeric: false,
    log: false
  });
  const labels = ({ offered }: Choices): string[] => offered.map(({ label }) => label);

  it('are those of all branches, each once', () => {
    const found = new Choices(branches(['a', 1], [1, 'b', null], ['1']), false);
    expect(labels(found)).toEqual(['a', '1', 'b', 'None', '1']);
    expect(found.place('1')).toBe(4);
    expect(found.place(1)).toBe(1);
  });

  it('have a place for what is none now, and for not being active at the end', () => {
    const found = new Choices(branches(['a']), true);
    expect(found.place('gone')).toBe(1);
    expect(found.place('gone')).toBe(1);
    expect(labels(found)).toEqual(['a', 'gone', NOT_ACTIVE]);
  });

  it('have one place for the numbers of a range next to them', () => {
    const found = new Choices(branches(['a'], null), false);
    expect([found.place(0.1), found.place(0.2)]).toEqual([1, 1]);
    expect(labels(found)).toEqual(['a', 'other values']);
  });
});

it('can tell an inactive parameter from one that is None', () => {
  expect(exact(undefined)).toBe('');
  expect(exact(null)).toBe('None');
  expect(exact(true)).toBe('True');
  expect(spec('p:leak').conditional).toBe(true);
  expect(spec('p:lr').conditional).toBe(false);
});
