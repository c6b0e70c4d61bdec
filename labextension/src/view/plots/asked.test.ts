import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Ask } from '../protocol';
import { isDue, Question } from './asked';

describe('whether to ask again', () => {
  const then = { complete: 20, over: false };

  it('is so at first, when the study has grown by a tenth, and at its end', () => {
    expect(isDue(null, then)).toBe(true);
    expect(isDue(then, { complete: 21, over: false })).toBe(false);
    expect(isDue(then, { complete: 22, over: false })).toBe(true);
    expect(isDue(then, { complete: 20, over: true })).toBe(true);
    expect(isDue({ complete: 20, over: true }, { complete: 20, over: true })).toBe(false);
  });

  it('is so when there is a first trial, or another study', () => {
    expect(isDue({ complete: 0, over: false }, { complete: 0, over: false })).toBe(false);
    expect(isDue({ complete: 0, over: false }, { complete: 1, over: false })).toBe(true);
    expect(isDue(then, { complete: 3, over: false })).toBe(true);
  });
});

describe('a question', () => {
  const asked: Ask[] = [];
  let reply: () => Promise<unknown>;
  const asker = { ask: <T>(ask: Ask) => (asked.push(ask), reply() as Promise<T>) };
  const stand = (complete: number) => ({ complete, over: false });
  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    reply = async () => asked.length;
  });
  afterEach(() => vi.useRealTimers());

  it('is put when the plot is opened, and again as the study grows, but not all the time', async () => {
    const question = new Question<number>(asker, { what: 'importance' });
    question.refresh(stand(20));
    await vi.advanceTimersByTimeAsync(0);
    expect(question.answer.value).toEqual({ data: 1, error: '' });
    question.follow(stand(21));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.length).toBe(1);
    for (let n = 22; n < 40; n += 1) {
      question.follow(stand(n));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked.length).toBe(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(question.answer.value.data).toBe(asked.length);
  });

  it('is not put again to a study that is as it was, unless it went wrong', async () => {
    const question = new Question<number>(asker, { what: 'importance' });
    question.refresh(stand(20));
    await vi.advanceTimersByTimeAsync(0);
    question.refresh(stand(20));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.length).toBe(1);
    reply = () => Promise.reject(new Error('The kernel has not answered.'));
    question.refresh(stand(21));
    await vi.advanceTimersByTimeAsync(5000);
    expect(question.answer.value).toEqual({ data: 1, error: 'The kernel has not answered.' });
    question.refresh(stand(21));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.length).toBe(3);
  });

  it('is dropped with the plot that wanted to know', async () => {
    const question = new Question<number>(asker, { what: 'importance' });
    question.refresh(stand(20));
    question.leave();
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.length).toBe(0);
  });
});
