import { describe, expect, it } from 'vitest';
import { Study } from '../data/study';
import { DemoStudy } from '../../demo/study';
import type { Model } from '../protocol';
import { contourMap, ofObjective, rangeOfRows, type ContourMap } from './contour-map';
import type { Said } from './smooth';

const STUDY = new Study();
const demo = new DemoStudy({ trials: 30, state: 'paused' });
STUDY.take({
  ...{ kind: 'all', part: 0, parts: 1, version: 0, now: 0 },
  ...{ info: demo.info, trials: demo.trials }
});
const MODEL: Model = {
  ...{ none: '', x: [1e-5, 0.1], y: [16, 512], mean: [[0.1, 0.2], [0.3, 0.4]] },
  ...{ std: [[1, 2], [3, 5]], acquisition: [[-2, -7], ['-inf', -300]] }
};

function map(shows: Said, model: Model | null = MODEL): ContourMap {
  const [x, y] = STUDY.columns.value;
  return contourMap(STUDY, { x: x!, y: y!, log: null, model, shows });
}

describe('what a contour plot shows of a model', () => {
  it('is its mean, on the axis of the objective', () => {
    const { kind, value } = map('mean');
    expect([kind, value.id]).toEqual(['model', 'value']);
    expect(ofObjective(map('mean'))).toBe(true);
  });

  it('is how unsure it is', () => {
    const { kind, value, field } = map('std');
    expect(kind).toBe('uncertainty');
    expect([value.low, value.high]).toEqual([1, 5]);
    expect([...field!.z]).toEqual([0, 0.25, 0.5, 1]);
    expect(ofObjective(map('std'))).toBe(false);
  });

  it('is where the optimizer looks next, down to where it never would', () => {
    const { kind, value, field } = map('acquisition');
    expect(kind).toBe('acquisition');
    expect([value.title, value.low, value.high]).toEqual(['acquisition', -12, -2]);
    expect([...field!.z]).toEqual([1, 0.5, 0, 0]);
    expect(ofObjective(map('acquisition'))).toBe(false);
  });

  it('is the mean where it says no more', () => {
    const { acquisition: _, ...less } = MODEL;
    expect(map('acquisition', less).kind).toBe('model');
    expect(map('std', { ...MODEL, std: [['nan', 'nan'], ['nan', 'nan']] }).kind).toBe('model');
    expect(map('std', { none: 'no model' }).kind).toBe('average');
    expect(map('std', null).kind).toBe('average');
  });
});

describe('the range of rows', () => {
  it('is all of it where that is not too much, without what is not finite', () => {
    expect(rangeOfRows([[-2, -9], ['nan', '-inf']], 10)).toEqual({ low: -9, high: -2 });
    expect(rangeOfRows([[0.1, 40]], 10)).toEqual({ low: 30, high: 40 });
    expect(rangeOfRows([[0.1, 40]], Infinity)).toEqual({ low: 0.1, high: 40 });
    expect(rangeOfRows([['nan']], 10)).toBeNull();
    expect(rangeOfRows([], 10)).toBeNull();
  });
});
