import { describe, expect, it } from 'vitest';
import { NOT_ACTIVE } from './spec';
import { inRange, isFiltering, OPEN, sameSet, Sieve, type Filters } from './filter';
import { specs, trial } from './made';

const all = specs();
const NONE: Filters = { text: '', ranges: {}, choices: {} };
const some = [
  trial(0, { v: 0.5, p: { lr: 0.00001, size: 'small', leak: 0.25 }, b: true }),
  trial(1, { s: 'FAIL', p: { lr: 0.01, size: 'large' }, e: 'RuntimeError: CUDA out of memory' }),
  trial(2, { v: 2, p: { lr: 0.1, size: 'medium' } })
];

function passing(more: Partial<Filters>, best: number | null = null): number[] {
  const sieve = new Sieve({ ...NONE, ...more }, all, all);
  return [...sieve.passing(some, best === null ? null : some[best]!)];
}

describe('the text filter', () => {
  it('wants all words, in any case, in any column', () => {
    expect(passing({ text: 'cuda MEMORY' })).toEqual([1]);
    expect(passing({ text: 'cuda medium' })).toEqual([]);
    expect(passing({ text: 'complete' })).toEqual([0, 2]);
  });

  it('finds numbers as they are shown, minus typed as on a keyboard', () => {
    expect(passing({ text: '0.2500' })).toEqual([]);
    expect(passing({ text: '0.25' })).toEqual([0]);
    expect(passing({ text: '1e-5' })).toEqual([0]);
  });

  it('does not search columns that are hidden', () => {
    const shown = all.filter(({ id }) => id !== 'reason');
    const sieve = new Sieve({ ...NONE, text: 'cuda' }, all, shown);
    expect([...sieve.passing(some, null)]).toEqual([]);
  });

  it('finds the default, and the best one as long as it is that', () => {
    expect(passing({ text: 'default' })).toEqual([0]);
    const sieve = new Sieve({ ...NONE, text: 'best' }, all, all);
    expect([...sieve.passing(some, some[2]!)]).toEqual([2]);
    expect([...sieve.passing(some, some[0]!)]).toEqual([0]);
    expect([...sieve.passing(some, null)]).toEqual([]);
  });

  it('takes a text that is an expression elsewhere as it is', () => {
    expect(passing({ text: '.*' })).toEqual([]);
    expect(passing({ text: '(' })).toEqual([]);
  });
});

describe('ranges', () => {
  it('are inclusive and leave out what has no value', () => {
    expect(passing({ ranges: { value: [0.5, 1] } })).toEqual([0]);
    expect(passing({ ranges: { value: [-OPEN, OPEN] } })).toEqual([0, 2]);
    expect(passing({ ranges: { 'p:leak': [0, 1] } })).toEqual([0]);
    expect(passing({ ranges: { trial: [1, OPEN] } })).toEqual([1, 2]);
  });

  it('have open ends that infinities pass', () => {
    expect(inRange(Infinity, [0, OPEN])).toBe(true);
    expect(inRange(Infinity, [0, 1e300])).toBe(false);
    expect(inRange(-Infinity, [-OPEN, 0])).toBe(true);
    expect(inRange(NaN, [-OPEN, OPEN])).toBe(false);
  });

  it('of choices are their indices, as brushes over them have it', () => {
    expect(passing({ ranges: { 'p:size': [0.5, 2.5] } })).toEqual([1, 2]);
    expect(passing({ ranges: { 'p:size': [-0.5, 0.5] } })).toEqual([0]);
  });
});

describe('choices', () => {
  it('pass by their keys, states and inactive parameters among them', () => {
    expect(passing({ choices: { 'p:size': ['"small"', '"large"'] } })).toEqual([0, 1]);
    expect(passing({ choices: { state: ['FAIL'] } })).toEqual([1]);
    expect(passing({ choices: { 'p:size': [] } })).toEqual([]);
    expect(passing({ choices: { 'p:size': [NOT_ACTIVE] } })).toEqual([]);
  });

  it('and ranges and the text have all to be met', () => {
    const both = { ranges: { 'p:lr': [0.001, 1] as const }, choices: { state: ['COMPLETE'] } };
    expect(passing(both)).toEqual([2]);
    expect(passing({ ...both, text: 'large' })).toEqual([]);
  });
});

describe('Sieve', () => {
  it('looks at a trial that has changed again', () => {
    const sieve = new Sieve({ ...NONE, choices: { state: ['COMPLETE'] } }, all, all);
    const before = trial(3, { s: 'RUNNING' });
    expect([...sieve.passing([before], null)]).toEqual([]);
    expect([...sieve.passing([{ ...before, s: 'COMPLETE', v: 1 }], null)]).toEqual([3]);
  });

  it('looks at no trial twice', () => {
    let looks = 0;
    const counting = all.map(spec =>
      spec.id === 'value' ? { ...spec, measure: () => (looks += 1) } : spec
    );
    const sieve = new Sieve({ ...NONE, ranges: { value: [0, OPEN] } }, counting, counting);
    sieve.passing(some, null);
    expect(looks).toBe(3);
    sieve.passing([...some, trial(3, { v: 1 })], null);
    expect(looks).toBe(4);
  });
});

it('knows whether anything is filtered', () => {
  expect(isFiltering(NONE)).toBe(false);
  expect(isFiltering({ ...NONE, text: '  ' })).toBe(false);
  expect(isFiltering({ ...NONE, text: 'a' })).toBe(true);
  expect(isFiltering({ ...NONE, ranges: { value: [0, 1] } })).toBe(true);
  expect(isFiltering({ ...NONE, choices: { state: [] } })).toBe(true);
});

it('compares sets', () => {
  expect(sameSet(new Set([1, 2]), new Set([2, 1]))).toBe(true);
  expect(sameSet(new Set([1, 2]), new Set([1, 3]))).toBe(false);
  expect(sameSet(new Set([1]), new Set([1, 3]))).toBe(false);
});
