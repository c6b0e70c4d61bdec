import { describe, expect, it } from 'vitest';
import type { Column, Trial } from '../data/study';
import type { Param, Values } from '../protocol';
import {
  bandOf,
  dataOf,
  goodness,
  Holdings,
  objectives,
  paramDimension,
  ticksOf,
  unitOf,
  valueDimension
} from './dimensions';

const PARAM: Param = {
  ...{ key: 'lr', name: 'lr', type: 'Float', low: 1e-4, high: 1, log: true, step: null },
  ...{ default: 0.1, condition: '', dynamic: false }
};

function column(params: Partial<Param>[], numeric = true): Column {
  const whole = params.map(each => ({ ...PARAM, ...each }));
  return { name: whole[0]!.name, params: whole, numeric, log: whole.every(({ log }) => log) };
}

function choices(values: Param['choices'], numeric = false): Column {
  const { low: _, high: __, ...bare } = PARAM;
  const param: Param = { ...bare, type: 'Categorical', log: false, choices: values! };
  return { name: 'lr', params: [param], numeric, log: false };
}

function trial(n: number, p: Values, value = NaN, s: Trial['s'] = 'COMPLETE'): Trial {
  return { n, s, p, value, steps: [], curve: [] };
}

function made(of: Column, trials: Trial[]) {
  const holdings = new Holdings(of);
  const held = holdings.of(trials);
  return { holdings, held, axis: paramDimension(holdings, held) };
}

describe('an axis of numbers', () => {
  it('goes by factors where the declaration does', () => {
    const { axis } = made(column([{}]), []);
    expect([1e-4, 1e-2, 1].map(x => unitOf(axis, x))).toEqual([0, expect.closeTo(0.5), 1]);
    expect(dataOf(axis, 0.25)).toBeCloseTo(1e-3);
  });

  it('is linear otherwise, and back again', () => {
    const { axis } = made(column([{ low: -2, high: 6, log: false }]), []);
    expect(unitOf(axis, 0)).toBeCloseTo(0.25);
    for (const unit of [0, 0.1, 0.77, 1]) {
      expect(unitOf(axis, dataOf(axis, unit))).toBeCloseTo(unit);
    }
  });

  it('holds what trials had before its range was narrowed', () => {
    const { axis } = made(column([{ low: 0, high: 1, log: false }]), [trial(0, { lr: 3 })]);
    expect([axis.low, axis.high]).toEqual([0, 3]);
  });

  it('spans all declarations of a name', () => {
    const { axis, held } = made(
      column([{ low: 1, high: 2, log: false }, { key: 'lr.2', low: 5, high: 9, log: false }]),
      [trial(0, { 'lr.2': 6 }), trial(1, {})]
    );
    expect([axis.low, axis.high]).toEqual([1, 9]);
    expect([...held]).toEqual([6, NaN]);
  });

  it('stays within its ends, and has no place for what is missing', () => {
    const { axis } = made(column([{}]), []);
    expect([unitOf(axis, Infinity), unitOf(axis, -1)]).toEqual([1, 0]);
    expect(unitOf(axis, NaN)).toBeNaN();
  });

  it('survives the largest numbers and a single one', () => {
    const wide = made(column([{ low: -1.7e308, high: 1.7e308, log: false }]), []).axis;
    expect(unitOf(wide, 0)).toBeCloseTo(0.5);
    const none = made(column([{ low: 3, high: 3, log: false }]), []).axis;
    expect(unitOf(none, 3)).toBe(0.5);
  });

  it('labels numeric choices themselves, by factors if they lie far apart', () => {
    const { axis } = made(choices([64, 8, 512], true), []);
    expect(axis.log).toBe(true);
    expect(ticksOf(axis, 5).map(({ text }) => text)).toEqual(['8', '64', '512']);
    expect(ticksOf(axis, 2).map(({ text }) => text)).not.toContain('64');
  });
});

describe('an axis of choices', () => {
  it('has a band each', () => {
    const { axis, held } = made(choices(['a', true, null]), [
      trial(0, { lr: true }),
      trial(1, { lr: 'a' }),
      trial(2, {})
    ]);
    expect([...held]).toEqual([1, 0, NaN]);
    expect([0, 1, 2].map(i => unitOf(axis, i))).toEqual([1 / 6, 3 / 6, 5 / 6].map(x => expect.closeTo(x)));
    expect([0, 0.34, 0.999, 1].map(unit => bandOf(axis, unit))).toEqual([0, 1, 2, 2]);
    expect(ticksOf(axis, 9).map(({ text }) => text)).toEqual(['a', 'True', 'None']);
  });

  it('tells 1 from True and from "1"', () => {
    expect([...made(choices(['1', true]), [trial(0, { lr: true }), trial(1, { lr: '1' })]).held]).toEqual([1, 0]);
  });

  it('puts choices that were taken away after the others', () => {
    const { axis, held } = made(choices(['a', 'b']), [trial(0, { lr: 'gone' })]);
    expect(held[0]).toBe(2);
    expect(axis.choices).toEqual(['a', 'b', 'gone']);
  });

  it('has one band for the numbers of a namesake', () => {
    const both: Column = { ...column([{ low: 0, high: 1 }]), numeric: false };
    const mixed: Column = { ...both, params: [...both.params, ...choices(['a']).params] };
    const { held } = made(mixed, [trial(0, { lr: 0.5 }), trial(1, { lr: 0.7 }), trial(2, { lr: 'a' })]);
    expect([...held]).toEqual([1, 1, 0]);
  });

  it('labels no more of them than there is room for', () => {
    const many = Array.from({ length: 100 }, (_, i) => `c${i}`);
    expect(ticksOf(made(choices(many), []).axis, 10).length).toBeLessThanOrEqual(10);
  });
});

describe('what trials hold', () => {
  it('is read again only for those that have changed', () => {
    const holdings = new Holdings(column([{}]));
    let reads = 0;
    const watched = { n: 0, s: 'COMPLETE', value: 1, steps: [], curve: [] } as unknown as Trial;
    Object.defineProperty(watched, 'p', { get: () => ((reads += 1), { lr: 0.5 }) });
    holdings.of([watched]);
    const once = reads;
    expect([...holdings.of([watched, trial(1, { lr: 0.1 })])]).toEqual([0.5, 0.1]);
    expect(reads).toBe(once);
    expect([...holdings.of([trial(0, { lr: 0.2 })])]).toEqual([0.2]);
  });
});

describe('the objective', () => {
  it('is there for complete trials only', () => {
    expect([...objectives([trial(0, {}, 2), trial(1, {}, 3, 'PRUNED')])]).toEqual([2, NaN]);
  });

  it('is good at the right end', () => {
    const values = Float64Array.of(1, 2, 3, 99, NaN);
    const axis = valueDimension(values, 'loss', { low: 1, high: 3, log: false });
    expect([...goodness(axis, values, false)]).toEqual([1, 0.5, 0, 0, NaN]);
    expect([...goodness(axis, values, true)]).toEqual([0, 0.5, 1, 1, NaN]);
    expect([axis.least, axis.most]).toEqual([1, 99]);
  });
});
