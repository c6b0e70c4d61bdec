import { expect, test } from 'vitest';
import { frameOf, path, placed } from './curve';

test('the frame holds all curves, whatever is not finite', () => {
  expect(frameOf([[[0, 1, 2], [1, NaN, 3]], [[5], [-1]], [[9], [Infinity]]])).toEqual({
    left: 0,
    right: 5,
    bottom: -1,
    top: 3
  });
  expect(frameOf([[[0], [NaN]], [[], []]])).toBe(null);
});

test('a line has a gap where there is no number', () => {
  const frame = { left: 0, right: 4, bottom: 0, top: 10 };
  expect(path(frame, [0, 1, 2, 3, 4], [0, 10, NaN, 5, 0])).toBe(
    'M0.00 100.00L25.00 0.00M75.00 50.00L100.00 100.00'
  );
  expect(path(frame, [], [])).toBe('');
});

test('a single point lies in the middle', () => {
  expect(placed({ left: 3, right: 3, bottom: 1, top: 1 }, 3, 1)).toEqual([50, 50]);
});
