import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DemoStudy } from '../../demo/study';
import type { FromKernel, StudyState } from '../protocol';
import { Keeper } from './keeper';

const SAVED = new DemoStudy({ trials: 3, state: 'running' }).saved();

function told(state: StudyState): FromKernel {
  return { kind: 'delta', from: 0, version: 1, now: 1, info: { ...SAVED.info, state } };
}

describe('what a notebook keeps', () => {
  const asked: string[] = [];
  const kept: unknown[] = [];
  let keeper: Keeper;

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = kept.length = 0;
    keeper = new Keeper(SAVED, bundle => kept.push(bundle), id => asked.push(id));
  });
  afterEach(() => {
    keeper.stop();
    vi.useRealTimers();
  });

  it('is asked for when a study has ended and the kernel has not displayed it anew', () => {
    keeper.hear(told('finished'));
    vi.advanceTimersByTime(5000);
    expect(asked).toHaveLength(1);
    keeper.hear({ kind: 'reply', id: 'another', data: 1 });
    keeper.hear({ kind: 'reply', id: asked[0]!, data: 2 });
    expect(kept).toEqual([2]);
  });

  it('is not asked for when the kernel has', () => {
    keeper.hear(told('paused'));
    keeper.has({ ...SAVED, info: { ...SAVED.info, state: 'paused' } });
    vi.advanceTimersByTime(600_000);
    expect(asked).toEqual([]);
  });

  it('is asked for once in a while as long as the study runs and is heard of', () => {
    for (let second = 0; second < 180; second += 1) {
      keeper.hear(told('running'));
      vi.advanceTimersByTime(1000);
    }
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(asked.length).toBeLessThanOrEqual(3);
    vi.advanceTimersByTime(600_000);
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});
