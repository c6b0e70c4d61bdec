import { describe, expect, test } from 'vitest';
import type { Info } from '../protocol';
import { doing, isOver, steering } from './steering';

function info(some: Partial<Info>): Info {
  return { state: 'running', live: true, asked: '', ...some } as Info;
}

describe('what can be asked for', () => {
  test('everything while it runs, between trials too', () => {
    const { toggle, off } = steering(info({}), undefined);
    expect(toggle).toBe('pause');
    expect(Object.values(off)).not.toContain(true);
  });

  test('nothing is to be skipped where it paused between trials', () => {
    expect(steering(info({ state: 'paused' }), undefined).off).toMatchObject({ skip: true, toggle: false });
    expect(steering(info({ state: 'paused' }), 3).off.skip).toBe(false);
    expect(steering(info({ state: 'paused' }), 3).toggle).toBe('resume');
  });

  test('nothing once it stops', () => {
    expect(Object.values(steering(info({ asked: 'stop' }), 3).off)).not.toContain(false);
  });

  test.each(['finished', 'stopped', 'failed'] as const)('nothing when it has %s', state => {
    expect(isOver(info({ state }))).toBe(true);
  });

  test('nothing of a study that runs elsewhere', () => {
    expect(isOver(info({ live: false }))).toBe(true);
    expect(isOver(info({}))).toBe(false);
    expect(isOver(info({ state: 'paused' }))).toBe(false);
  });
});

test('what it is at', () => {
  expect(doing('skip', 7)).toBe('ending trial 7…');
  expect(doing('stop', 7)).toBe('stopping…');
  expect(doing('', 7)).toBe('');
});
