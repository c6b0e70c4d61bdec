import { describe, expect, it } from 'vitest';
import { DemoStudy } from '../../demo/study';
import type { Info, WireTrial } from '../protocol';
import { glance, Study, type Glance, type Trial } from './study';
import { elapsed, failures, gain, others, progress, progressed, ranFor, share } from './tell';

const INFO: Info = { ...new DemoStudy({ trials: 0 }).info, aim: 10, maximize: false };

function seen(rows: Partial<WireTrial>[], maximize = false): Glance {
  const study = new Study();
  const trials = rows.map((each, n) => ({ n, s: 'COMPLETE' as const, p: {}, ...each }));
  study.take({ kind: 'all', part: 0, parts: 1, version: 0, now: 0, info: INFO, trials });
  return glance(study.trials.value, maximize);
}

describe('gain', () => {
  it.each([
    [0.2, 0.1, '0.1 (50 %) below the default’s 0.2', true],
    [0.1, 0.1, 'nothing beat the default', false],
    [0.1, 0.2, 'nothing beat the default', false],
    [0, -1, '1 below the default’s 0', true]
  ])('compares the default %d with %d', (base, other, told, better) => {
    const info: Info = { ...INFO, state: 'finished' };
    expect(gain(info, seen([{ v: base, b: true }, { v: other }]))).toEqual({ told, better });
  });

  it('shows as many digits as the difference needs', () => {
    const { told } = gain(INFO, seen([{ v: 0.123456789, b: true }, { v: 0.123456788 }]));
    expect(told).toContain('0.123456789');
  });

  it('has nothing to compare with where the default failed or runs', () => {
    const failed = seen([{ s: 'FAIL', b: true }, { v: 1 }]);
    expect(gain(INFO, failed).told).toBe('the default failed, so there is nothing to compare with');
    expect(gain(INFO, seen([{ s: 'RUNNING', b: true }, { v: 1 }])).told).toBe('');
  });
});

it('does not count the time a trial was parked', () => {
  const [trial] = seen([{ s: 'RUNNING', t: 0, z: [[10, 20], [30, null]] }]).trials as [Trial];
  expect(ranFor(trial, 40)).toBe(20);
});

it('counts the pieces of one that was set aside', () => {
  const [trial] = seen([{ s: 'RUNNING', t: 0, z: [[31, 34]], w: [[0, 5], [30, null]] }]).trials as [Trial];
  expect(ranFor(trial, 40)).toBe(12);
});

it('tells how many wait, and that they count as neither done nor running', () => {
  const glanced = seen([{ v: 1 }, { s: 'WAITING' }, { s: 'WAITING' }, { s: 'PRUNED' }, { s: 'RUNNING' }]);
  expect(others(glanced)).toEqual(['2 waiting', '1 pruned']);
  expect([glanced.done, glanced.running.length]).toEqual([2, 1]);
});

it('says how far the running trial is by the steps of complete ones', () => {
  const steps = (count: number): [number[], number[]] => [[...Array(count).keys()], Array(count).fill(1)];
  const glanced = seen([{ v: 1, r: steps(10) }, { s: 'RUNNING', r: steps(5) }]);
  expect(share(glanced.running[0]!, glanced)).toBe(0.5);
  expect(share(seen([{ s: 'RUNNING', r: steps(5) }]).running[0]!, seen([]))).toBeNull();
});

describe('progress and failures', () => {
  it('never says more are done than there are', () => {
    expect(progress({ ...INFO, aim: 2 }, seen([{}, {}, {}]))).toBe('3 of 3 trials');
    expect(progress({ ...INFO, aim: null }, seen([{}]))).toBe('1 trial');
  });

  it('is that of the budget, too', () => {
    const trials = seen([{ k: 8 }, {}, { s: 'RUNNING', k: 1 }, { s: 'INTERRUPTED' }]);
    const epochs: Info = { ...INFO, aim: null, budget: { seconds: null, epochs: 40 } };
    expect(progress(epochs, trials)).toBe('2 trials, 10 of 40 epochs');
    expect(progressed(epochs, trials, 0)).toBe(0.25);
    expect(progressed({ ...epochs, aim: 4 }, trials, 0)).toBe(0.5);
    const time: Info = { ...INFO, aim: null, budget: { seconds: 600, epochs: null }, elapsed: 60 };
    expect([progress(time, trials), progressed(time, trials, 150)]).toEqual(['2 trials', 0.25]);
    expect(elapsed({ ...time, ticking: false }, 0, 0)).toBe('1 min 00 s of 10 min');
    const asks: Info = { ...INFO, aim: null, budget: { seconds: null, epochs: null } };
    expect([progress(asks, trials), progressed(asks, trials, 1)]).toEqual(['2 trials, while worthwhile', null]);
  });

  it.each([
    [[], ''],
    [['E: x'], '1 trial failed: E: x'],
    [['E: x', 'E: x'], '2 trials failed, each time: E: x'],
    [['E: x', 'F', 'E: x'], '3 trials failed, most often: E: x'],
    [['E: x', 'F: y'], '2 trials failed, the latest: F: y']
  ])('tells of %j', (reasons, told) => {
    expect(failures(seen(reasons.map(e => ({ s: 'FAIL' as const, e }))))).toBe(told);
  });
});
