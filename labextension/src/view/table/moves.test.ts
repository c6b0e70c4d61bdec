import { describe, expect, it } from 'vitest';
import { anchored, moved, movedBefore, selecting } from './moves';

const SIZE = { rows: 100, columns: 5, page: 8 };
const trials = (...numbers: number[]): { n: number }[] => numbers.map(n => ({ n }));

describe('moved', () => {
  it('stays within the grid', () => {
    expect(moved('ArrowUp', false, { row: -1, column: 2 }, SIZE)).toEqual({ row: -1, column: 2 });
    expect(moved('ArrowDown', false, { row: 99, column: 2 }, SIZE)).toEqual({ row: 99, column: 2 });
    expect(moved('ArrowLeft', false, { row: 3, column: 0 }, SIZE)).toEqual({ row: 3, column: 0 });
    expect(moved('ArrowRight', false, { row: 3, column: 4 }, SIZE)).toEqual({ row: 3, column: 4 });
    expect(moved('PageDown', false, { row: 95, column: 0 }, SIZE)).toEqual({ row: 99, column: 0 });
  });

  it('goes to the ends of the row, with Ctrl to those of the grid', () => {
    const from = { row: 50, column: 2 };
    expect(moved('Home', false, from, SIZE)).toEqual({ row: 50, column: 0 });
    expect(moved('End', false, from, SIZE)).toEqual({ row: 50, column: 4 });
    expect(moved('Home', true, from, SIZE)).toEqual({ row: 0, column: 0 });
    expect(moved('End', true, from, SIZE)).toEqual({ row: 99, column: 4 });
  });

  it('pages through the rows before it comes to the head', () => {
    expect(moved('PageUp', false, { row: 5, column: 1 }, SIZE)).toEqual({ row: 0, column: 1 });
    expect(moved('PageUp', false, { row: 0, column: 1 }, SIZE)).toEqual({ row: -1, column: 1 });
  });

  it('has only the head where there are no rows', () => {
    const none = { ...SIZE, rows: 0 };
    for (const key of ['ArrowDown', 'PageDown', 'Home', 'End']) {
      expect(moved(key, true, { row: -1, column: 0 }, none)!.row).toBe(-1);
    }
  });

  it('leaves other keys alone', () => {
    expect(moved('x', false, { row: 0, column: 0 }, SIZE)).toBeNull();
  });
});

describe('selecting', () => {
  const order = trials(9, 7, 5, 3, 1);

  it('takes one, adds or removes one, or all between', () => {
    expect([...selecting(new Set([1, 3]), order, 7, 'only', 1)]).toEqual([7]);
    expect([...selecting(new Set([1]), order, 7, 'toggle', 1)]).toEqual([1, 7]);
    expect([...selecting(new Set([1, 7]), order, 7, 'toggle', 1)]).toEqual([1]);
    expect([...selecting(new Set([9]), order, 3, 'range', 7)]).toEqual([7, 5, 3]);
    expect([...selecting(new Set([9]), order, 7, 'range', 3)]).toEqual([7, 5, 3]);
  });

  it('takes the one where the range has no beginning in sight', () => {
    expect([...selecting(new Set(), order, 5, 'range', null)]).toEqual([5]);
    expect([...selecting(new Set(), order, 5, 'range', 4)]).toEqual([5]);
  });

  it('does not change the former set', () => {
    const before = new Set([1]);
    selecting(before, order, 1, 'toggle', null);
    expect([...before]).toEqual([1]);
  });
});

describe('movedBefore', () => {
  const ids = ['trial', 'a', 'b', 'c'];

  it('moves either way, and to the end', () => {
    expect(movedBefore(ids, 'c', 'a')).toEqual(['trial', 'c', 'a', 'b']);
    expect(movedBefore(ids, 'a', 'c')).toEqual(['trial', 'b', 'a', 'c']);
    expect(movedBefore(ids, 'a', null)).toEqual(['trial', 'b', 'c', 'a']);
  });

  it('leaves the first one where it is', () => {
    expect(movedBefore(ids, 'trial', 'c')).toEqual(ids);
    expect(movedBefore(ids, 'c', 'trial')).toEqual(['trial', 'c', 'a', 'b']);
  });
});

describe('anchored', () => {
  const before = trials(...Array.from({ length: 50 }, (_, i) => 49 - i));

  it('follows the row on top when others come in above', () => {
    expect(anchored(before, [...trials(52, 51, 50), ...before], 100, 10)).toBe(30);
  });

  it('does not move for what comes below', () => {
    expect(anchored(before, [...before, ...trials(99)], 100, 10)).toBe(0);
  });

  it('takes the next one where the row on top has gone', () => {
    const after = before.filter(({ n }) => n !== before[10]!.n);
    expect(anchored(before, [...trials(60, 61, 62), ...after], 100, 10)).toBe(20);
  });

  it('stays where none of those in sight is left', () => {
    expect(anchored(before, trials(100, 101), 100, 10)).toBe(0);
  });
});
