import { describe, expect, it } from 'vitest';
import { Clock, union, without } from './clock';

describe('the clock of a study', () => {
  it('cuts a night short, and what comes after follows soon', () => {
    const night = 36_000;
    const clock = new Clock([[0, 100], [100 + night, 200 + night]], true);
    expect(clock.end).toBeCloseTo(204);
    expect(clock.breaks).toEqual([{ at: 100, drawn: 4, real: night }]);
    expect(clock.place(50)).toBe(50);
    expect(clock.place(100 + night / 2)).toBeCloseTo(102);
    expect(clock.place(150 + night)).toBeCloseTo(154);
  });

  it('leaves breaks alone that are short, or if told to', () => {
    expect(new Clock([[0, 100], [110, 200]], true).breaks).toEqual([]);
    const whole = new Clock([[0, 100], [5000, 5100]], false);
    expect(whole.breaks).toEqual([]);
    expect(whole.end).toBe(5100);
    expect(whole.place(2000)).toBe(2000);
  });

  it('knows no break while another trial ran', () => {
    const clock = new Clock([[0, 10_000], [5, 10], [9_000, 9_900]], true);
    expect(clock.breaks).toEqual([]);
    expect(clock.place(9_500)).toBe(9_500);
  });

  it('goes on beyond its ends and holds without trials', () => {
    expect(new Clock([[10, 20]], true).place(25)).toBe(15);
    expect(new Clock([], true).place(25)).toBe(0);
  });
});

describe('intervals', () => {
  it('unites those that touch or hold each other', () => {
    expect(union([[5, 6], [0, 2], [1, 3], [3, 4], [5, 5.5]])).toEqual([[0, 4], [5, 6]]);
  });

  it('is without its holes', () => {
    expect(without([0, 10], [[2, 3], [5, 6]])).toEqual([[0, 2], [3, 5], [6, 10]]);
    expect(without([0, 10], [[8, 12]])).toEqual([[0, 8]]);
    expect(without([0, 10], [])).toEqual([[0, 10]]);
    expect(without([0, 10], [[-5, 20]])).toEqual([]);
  });
});
