import { describe, expect, it } from 'vitest';
import type { Column, Trial } from '../data/study';
import type { Param, State } from '../protocol';
import { bars, durationRange, rows, took } from './bars';
import { ranks, shareBetter } from './distribution';
import { remembered } from './memo';
import { areLoggable, nearestCurve, stepsRange, valuesRange } from './reports';
import { placed, type Area } from './scene';
import { AGES, ageOf, jitter } from './slice-scene';
import { standOf } from './slice-stand';

function trial(n: number, more: Partial<Trial> = {}, s: State = 'COMPLETE'): Trial {
  return { n, s, p: {}, value: NaN, steps: [], curve: [], ...more };
}

function area(x: [number, number], y: [number, number]): Area {
  const across = placed({ low: x[0], high: x[1], log: false }, undefined, 0, 100);
  const up = placed({ low: y[0], high: y[1], log: false }, undefined, 100, 0);
  const shown = {
    x: { low: x[0], high: x[1], log: false },
    y: { low: y[0], high: y[1], log: false }
  };
  return {
    ...{ left: 0, top: 0, right: 100, bottom: 100, shown },
    ...{ x: across.at, y: up.at, xAt: across.back, yAt: up.back }
  };
}

describe('the distribution', () => {
  const complete = [3, 1, 2, 2].map((value, n) => trial(n, { value }));

  it('ranks by value, equal ones alike', () => {
    const found = ranks(complete);
    expect(found.map(({ value }) => value)).toEqual([1, 2, 2, 3]);
    expect(found.map(({ share }) => share)).toEqual([0.25, 0.75, 0.75, 1]);
    expect(ranks([])).toEqual([]);
  });

  it('tells what beats a value', () => {
    expect(shareBetter(complete, 2, false)).toBe(0.25);
    expect(shareBetter(complete, 2, true)).toBe(0.25);
    expect(shareBetter(complete, 0, true)).toBe(1);
    expect(shareBetter([], 0, true)).toBe(0);
  });
});

describe('reports', () => {
  const a = trial(0, { steps: [0, 5, 10], curve: [9, 5, 1] });
  const b = trial(1, { steps: [0, 10], curve: [9, NaN] });

  it('have a range of steps, on a log axis with a place for step 0', () => {
    expect(stepsRange([a, b], false)).toMatchObject({ low: 0, high: 10, log: false });
    expect(stepsRange([a], true)).toEqual({ low: 2.5, high: 10, log: true, zero: true });
    const later = trial(2, { steps: [1, 8], curve: [1, 1] });
    expect(stepsRange([later], true)).toEqual({ low: 1, high: 8, log: true, zero: false });
    const only = stepsRange([trial(3, { steps: [4], curve: [1] })], false);
    expect(only.low).toBeLessThan(only.high);
  });

  it('have a range of values, without nan', () => {
    expect(valuesRange([a, b], false, false)).toMatchObject({ low: 1, high: 9 });
    expect(areLoggable([a, b])).toBe(true);
    expect(areLoggable([trial(0, { steps: [0], curve: [0] })])).toBe(false);
  });

  it('are found near a line, not only at its points', () => {
    const place = area([0, 10], [0, 10]);
    // between the first two points the line is at 7 above 2.5
    expect(nearestCurve(place, [a], 0, 25, 32)).toBe(a);
    expect(nearestCurve(place, [a], 0, 25, 75)).toBeNull();
    const low = trial(2, { steps: [0, 10], curve: [6, 6] });
    expect(nearestCurve(place, [a, low], 0, 22, 41)).toBe(low);
  });
});

describe('bars of time', () => {
  const first = trial(0, { t: 100, d: 10 });
  const parked = trial(1, { t: 110, d: 10, z: [[115, 90_115]] });
  const now = trial(2, { t: 90_125 }, 'RUNNING');
  const trials = [first, parked, now, trial(3)];

  it('last as long as trials ran and were parked', () => {
    const { bars: found } = bars(trials, 90_130, false);
    expect(found.map(({ trial: { n } }) => n)).toEqual([0, 1, 2]);
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [10, 90_020],
      [90_025, 90_030]
    ]);
    expect(found[1]!.parked).toEqual([[15, 90_015]]);
  });

  it('are short where nothing ran for long, be it parked', () => {
    const { bars: found, clock } = bars(trials, 90_130, true);
    expect(clock.breaks).toHaveLength(1);
    expect(clock.breaks[0]!.real).toBe(90_000);
    expect(found[2]!.to).toBeLessThan(40);
  });

  it('fill the rows in sight', () => {
    const { bars: found } = bars(trials, 90_130, false);
    expect(rows(found, [-Infinity, Infinity])).toEqual([0, 2]);
    expect(rows(found, [0, 9])).toEqual([0, 0]);
    expect(rows([], [0, 1])).toEqual([0, 1]);
  });

  it('is in pieces where a trial was set aside', () => {
    const pieces: [number, number | null][] = [[0, 5], [20, 24], [40, null]];
    const aside = [trial(0, { t: 0, d: 9, w: pieces.slice(0, 2) }, 'WAITING'), trial(1, { t: 5, d: 15 })];
    const { bars: found, clock } = bars([...aside, trial(2, { t: 0, w: pieces }, 'RUNNING')], 42, false);
    expect(found.map(({ pieces: ran }) => ran)).toEqual([[[0, 5], [20, 24]], [], [[0, 5], [20, 24], [40, 42]]]);
    expect(found.map(({ to }) => to)).toEqual([24, 20, 42]);
    expect(clock.end).toBe(42);
    expect(found.map(took)).toEqual([9, 15, 11]);
  });

  it('have a range of durations that a few do not rule, nor running ones', () => {
    const many = Array.from({ length: 400 }, (_, n) => trial(n, { t: n, d: 2 + (n % 5) }));
    many.push(trial(400, { t: 400, d: 1e6 }), trial(401, { t: 401 }, 'RUNNING'));
    const { high, low, log } = durationRange(bars(many, 402, false).bars);
    expect(high).toBe(6);
    expect(low).toBe(0);
    expect(log).toBe(false);
  });
});

function column(params: Partial<Param>[], numeric: boolean, log = false): Column {
  const made = params.map((param, i) => ({
    ...{ key: `p${i}`, name: 'p', type: 'Float', default: 1, condition: '', dynamic: false },
    ...param
  })) as Param[];
  return { name: 'p', params: made, numeric, log };
}

describe('slices', () => {
  it('have a scale over what is declared and what was tried', () => {
    const held = column([{ low: 1, high: 10, log: true }], true, true);
    const tried = [trial(0, { p: { p0: 100 } })];
    expect(standOf(held, tried).range).toEqual({ low: 1, high: 100, log: true });
    expect(standOf(held, []).at(3)).toBe(3);
    expect(standOf(held, []).at(undefined)).toBeNaN();
  });

  it('have a band for each choice of any branch', () => {
    const held = column(
      [
        { type: 'Categorical', choices: ['a', 'b'] },
        { type: 'Bool', choices: [false, true] }
      ],
      false
    );
    const stand = standOf(held, []);
    expect(stand.bands).toEqual(['a', 'b', 'False', 'True']);
    expect([stand.at('b'), stand.at(true)]).toEqual([1, 3]);
    expect(stand.at('gone')).toBeNaN();
    const both = [{ type: 'Categorical', choices: ['auto'] } as const, { low: 0, high: 1 }];
    const mixed = standOf(column(both as Partial<Param>[], false), []);
    expect(mixed.bands).toHaveLength(2);
    expect(mixed.at(0.5)).toBe(1);
  });

  it('spread within the band, always the same way', () => {
    const all = Array.from({ length: 500 }, (_, n) => jitter(n));
    expect(Math.max(...all)).toBeLessThanOrEqual(0.3);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(-0.3);
    expect(new Set(all.map(x => Math.round(x * 50))).size).toBeGreaterThan(25);
    expect(jitter(7)).toBe(jitter(7));
  });

  it('grow darker with the trials', () => {
    expect([0, 50, 99, 100].map(n => ageOf(n, 100))).toEqual([0, AGES / 2, AGES - 1, AGES - 1]);
    expect(ageOf(0, 0)).toBe(0);
  });
});

describe('what is remembered', () => {
  it('is worked out once for a list and its settings', () => {
    let times = 0;
    const size = remembered((trials, twice) => {
      times += 1;
      return trials.length * (twice ? 2 : 1);
    });
    const list = [trial(0)];
    const found = [size(list, true), size(list, true), size(list, false), size([...list], true)];
    expect(found).toEqual([2, 2, 1, 2]);
    expect(times).toBe(3);
  });

  it('does not pile up', () => {
    const seen: string[] = [];
    const told = remembered((_, now) => void seen.push(String(now)));
    const list = [trial(0)];
    for (let now = 0; now < 100; now += 1) {
      told(list, now);
    }
    told(list, 0);
    expect(seen).toHaveLength(101);
  });
});
