import { describe, expect, it } from 'vitest';
import { Drawing, Frames } from './frames';
import { fromLine, nearest } from './near';
import { Places, Sieve } from './thin';

describe('what is near', () => {
  const points = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: NaN, y: 0 }, { x: 10, y: 0, last: true }];
  const find = (x: number, y: number, reach?: number): unknown =>
    nearest(points, p => p.x, p => p.y, { x, y }, reach);

  it('is the nearest, of two in one place the one on top', () => {
    expect(find(3, 3)).toBe(points[0]);
    expect(find(9, 1)).toBe(points[3]);
  });

  it('is nothing beyond reach', () => {
    expect(find(0, 30)).toBeNull();
    expect(find(14, 3, 4)).toBeNull();
  });

  it('is measured from lines and their ends', () => {
    expect(fromLine(5, 3, 0, 0, 10, 0)).toBe(9);
    expect(fromLine(13, 4, 0, 0, 10, 0)).toBe(25);
    expect(fromLine(3, 4, 0, 0, 0, 0)).toBe(25);
  });
});

describe('a sieve', () => {
  it('lets one mark into each cell, and none outside', () => {
    const sieve = new Sieve(10, 10, 100, 50, 2);
    expect(sieve.lets(10.1, 10.1)).toBe(true);
    expect(sieve.lets(11.9, 11.9)).toBe(false);
    expect(sieve.lets(12.1, 10.1)).toBe(true);
    expect(sieve.lets(9, 10)).toBe(false);
    expect(sieve.lets(NaN, 10)).toBe(false);
  });

  it('keeps as many places as there are', () => {
    const places = new Places(1);
    for (let i = 0; i < 9; i += 1) {
      places.add(i, -i);
    }
    expect(places.count).toBe(9);
    expect([...places.at.slice(0, 18)]).toEqual(
      Array.from({ length: 9 }, (_, i) => [i, -i]).flat()
    );
  });
});

/** Frames by hand, with a clock that drawings advance. */
function byHand(): { frames: Frames; next: () => void; clock: { now: number } } {
  const due: (() => void)[] = [];
  const clock = { now: 0 };
  const frames = new Frames(
    run => due.push(run),
    () => clock.now
  );
  return { frames, clock, next: () => due.splice(0).forEach(run => run()) };
}

describe('frames', () => {
  it('draw once, however often asked', () => {
    const { frames, next } = byHand();
    let drawn = 0;
    const drawing = new Drawing(() => (drawn += 1));
    [1, 2, 3].forEach(() => frames.request(drawing));
    expect(drawn).toBe(0);
    next();
    next();
    expect(drawn).toBe(1);
  });

  it('draw what takes long at most four times a second', () => {
    const { frames, next, clock } = byHand();
    let drawn = 0;
    const slow = new Drawing(() => {
      drawn += 1;
      clock.now += 40;
    });
    for (let i = 0; i < 60; i += 1) {
      frames.request(slow);
      next();
      clock.now += 16;
    }
    expect(drawn).toBeGreaterThanOrEqual(3);
    expect(drawn).toBeLessThanOrEqual(5);
  });

  it('spread many drawings over frames', () => {
    const { frames, next, clock } = byHand();
    const seen: number[] = [];
    const many = [0, 1, 2].map(i => new Drawing(() => {
      seen.push(i);
      clock.now += 8;
    }));
    many.forEach(each => frames.request(each));
    next();
    expect(seen).toEqual([0, 1]);
    next();
    expect(seen).toEqual([0, 1, 2]);
  });

  it('forget what is cancelled', () => {
    const { frames, next } = byHand();
    let drawn = 0;
    const drawing = new Drawing(() => (drawn += 1));
    frames.request(drawing);
    frames.cancel(drawing);
    next();
    expect(drawn).toBe(0);
  });
});
