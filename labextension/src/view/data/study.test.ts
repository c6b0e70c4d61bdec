import { describe, expect, it } from 'vitest';
import { DemoStudy } from '../../demo/study';
import type { FromKernel, Info, WireTrial } from '../protocol';
import { glance, Study, valueOf, type Trial } from './study';

const INFO = new DemoStudy({ trials: 0 }).info;

function all(trials: WireTrial[], info: Partial<Info> = {}): FromKernel {
  return {
    kind: 'all', part: 0, parts: 1, version: 5, now: 100, info: { ...INFO, ...info }, trials
  };
}

function delta(from: number, more: Partial<FromKernel & { kind: 'delta' }>): FromKernel {
  return { kind: 'delta', from, version: from + 1, now: 101, ...more };
}

function row(n: number, more: Partial<WireTrial> = {}): WireTrial {
  return { n, s: 'COMPLETE', v: n, p: { lr: n }, ...more };
}

describe('messages', () => {
  it('takes everything in parts and shows it when the last has come', () => {
    const study = new Study();
    const [first, last] = [all([row(0)]), all([row(1)])] as (FromKernel & { kind: 'all' })[];
    study.take({ ...first!, parts: 2 });
    expect(study.ready.value).toBe(false);
    study.take({ ...last!, part: 1, parts: 2 });
    expect(study.trials.value.map(trial => trial.n)).toEqual([0, 1]);
  });

  it('replaces changed trials and leaves the others the same objects', () => {
    const study = new Study();
    study.take(all([row(0), row(1)]));
    const [first] = study.trials.value;
    expect(study.take(delta(5, { trials: [row(1, { v: 9 })] }))).toBe(true);
    expect(study.trials.value.map(trial => trial.value)).toEqual([0, 9]);
    expect(study.trials.value[0]).toBe(first);
  });

  it('says so when a message is missing, and takes it again without harm', () => {
    const study = new Study();
    expect(study.take(delta(0, {}))).toBe(false);
    study.take(all([]));
    expect(study.take(delta(7, { trials: [row(0)] }))).toBe(false);
    expect(study.take(delta(5, { trials: [row(0)] }))).toBe(true);
    expect(study.take(delta(4, { trials: [row(0)] }))).toBe(true);
    expect(study.trials.value).toHaveLength(1);
  });

  it('grows the curve of a running trial, the last report replaced', () => {
    const study = new Study();
    study.take(all([row(0, { s: 'RUNNING', r: [[0, 1], [3, 2]] })]));
    study.take(delta(5, { curves: [{ n: 0, at: 1, r: [[1, 2], [1.5, 'nan']] }] }));
    const [trial] = study.trials.value;
    expect(trial!.steps).toEqual([0, 1, 2]);
    expect(trial!.curve.slice(0, 2)).toEqual([3, 1.5]);
    expect(trial!.curve[2]).toBeNaN();
    expect(study.take(delta(6, { curves: [{ n: 0, at: 9, r: [[9], [1]] }] }))).toBe(false);
  });

  it('notes when the running trial is parked', () => {
    const study = new Study();
    study.take(all([row(0, { s: 'RUNNING' })]));
    study.take(delta(5, { info: { ...INFO, parked: { n: 0, z: [[3, null]] } } }));
    expect(study.trials.value[0]!.z).toEqual([[3, null]]);
  });
});

describe('glance', () => {
  const study = new Study();
  const trials = (rows: WireTrial[]): readonly Trial[] => {
    study.take(all(rows));
    return study.trials.value;
  };

  it.each([
    [false, [5, 3, 4, 1], [0, 1, 3]],
    [true, [5, 3, 6, 6], [0, 2]]
  ])('finds those that led when they ended (maximize %s)', (maximize, values, leaders) => {
    const seen = glance(trials(values.map((v, n) => row(n, { v }))), maximize);
    expect(seen.incumbents.map(trial => trial.n)).toEqual(leaders);
    expect(seen.best!.n).toBe(leaders.at(-1));
  });

  it('counts pruned and failed trials as done, running and interrupted ones not', () => {
    const states = ['COMPLETE', 'PRUNED', 'FAIL', 'SKIPPED', 'RUNNING', 'INTERRUPTED'] as const;
    const seen = glance(trials(states.map((s, n) => row(n, { s }))), false);
    expect(seen.done).toBe(4);
    expect(seen.running.map(trial => trial.n)).toEqual([4]);
  });

  it('does not crown a trial without a value, nor one that was pruned', () => {
    const rows = [row(0, { v: 'nan' }), row(1, { s: 'PRUNED', v: -1 }), row(2, { v: '-inf' })];
    expect(glance(trials(rows), false).best!.value).toBe(-Infinity);
    expect(glance(trials(rows.slice(0, 2)), false).best).toBeNull();
  });
});

it('has one column for a name that several branches declare', () => {
  const study = new Study();
  const width = { ...INFO.params[1]!, key: 'width#2' };
  study.take(all([row(0, { p: { 'width#2': 32 } }), row(1, { p: {} })], { params: [...INFO.params, width] }));
  const column = study.columns.value.find(({ name }) => name === 'width')!;
  expect(column.params).toHaveLength(2);
  expect(study.trials.value.map(trial => valueOf(trial, column))).toEqual([32, undefined]);
});
