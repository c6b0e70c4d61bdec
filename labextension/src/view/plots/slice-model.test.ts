import { describe, expect, it } from 'vitest';
import type { Column } from '../data/study';
import type { Param } from '../protocol';
import type { Palette } from '../theme';
import { placed, type Area } from './scene';
import { bestOf, courseOf, drawMean, drawSpread, lineOf } from './slice-model';
import { standOf } from './slice-stand';
import { SvgPen } from './svg';

const COLOURS = { fg: 'rgb(1, 2, 3)' } as Palette;

function column(more: Partial<Param>, numeric = true): Column {
  const held = { key: 'x', name: 'x', type: 'Float', default: null, condition: '', dynamic: false };
  return { name: 'x', params: [{ ...held, ...more } as Param], numeric, log: more.log ?? false };
}

const NUMBERS = column({ low: 0, high: 10 });
const CHOICES = column({ type: 'Categorical', choices: ['a', 'b'] }, false);
const LINE = { none: '', x: [0, 5, 10], mean: [3, 1, 2], std: [1, 0.5, 1] };

function area(x: [number, number], y: [number, number, boolean?]): Area {
  const across = placed({ low: x[0], high: x[1], log: false }, undefined, 0, 100);
  const up = placed({ low: y[0], high: y[1], log: y[2] ?? false }, undefined, 100, 0);
  const range = { low: 0, high: 1, log: false };
  return {
    ...{ left: 0, top: 0, right: 100, bottom: 100, shown: { x: range, y: range } },
    ...{ x: across.at, y: up.at, xAt: across.back, yAt: up.back }
  };
}

function drawn(of: Column, line: typeof LINE, place: Area): string {
  const pen = new SvgPen(() => ({ width: 0 }) as TextMetrics);
  const course = courseOf(line, of, standOf(of, []))!;
  drawSpread(pen, place, course, COLOURS);
  drawMean(pen, place, course, COLOURS);
  return pen.svg(100, 100);
}

describe('the model along a hyperparameter', () => {
  it('is asked for by key, and not where branches share the name', () => {
    expect(lineOf(NUMBERS)).toEqual({ what: 'model', x: 'x', points: 64 });
    const twice = { ...NUMBERS, params: [...NUMBERS.params, ...CHOICES.params] };
    expect(lineOf(twice)).toBeNull();
  });

  it('goes along the axis, without what is no number', () => {
    const line = { none: '', x: [10, 0, 5, 7], mean: [2, 3, 'nan', 4], std: [1, 'inf', 1, 'nan'] };
    const { points, apart } = courseOf(line as never, NUMBERS, standOf(NUMBERS, []))!;
    expect(points).toEqual([
      { at: 0, mean: 3, std: Infinity },
      { at: 7, mean: 4, std: 0 },
      { at: 10, mean: 2, std: 1 }
    ]);
    expect(apart).toBe(false);
  });

  it('has a place for each choice, by label, and also if these are numbers', () => {
    const line = { none: '', x: ['b', 'gone', 'a'], mean: [1, 2, 3], std: [0, 0, 0] };
    const { points, apart } = courseOf(line, CHOICES, standOf(CHOICES, []))!;
    expect(points.map(({ at, mean }) => [at, mean])).toEqual([[0, 3], [1, 1]]);
    expect(apart).toBe(true);
    const some = column({ type: 'Categorical', choices: [0, 5, 10] });
    expect(courseOf(LINE, some, standOf(some, []))!.apart).toBe(true);
  });

  it('is none where nothing is said', () => {
    const stand = standOf(NUMBERS, []);
    expect(courseOf(null, NUMBERS, stand)).toBeNull();
    expect(courseOf({ none: 'too few trials' }, NUMBERS, stand)).toBeNull();
    expect(courseOf({ none: '', x: [1], mean: ['nan'] }, NUMBERS, stand)).toBeNull();
  });

  it('is a band and a line through it', () => {
    const svg = drawn(NUMBERS, LINE, area([0, 10], [0, 10]));
    expect(svg).toContain('d="M0 60L50 85L100 70L100 90L50 95L0 80Z"');
    expect(svg).toContain('d="M0 70L50 90L100 80"');
  });

  it('is a mark with an error bar for each choice', () => {
    const line = { none: '', x: ['a', 'b'] as never, mean: [5, 2], std: [1, 1] };
    const svg = drawn(CHOICES, line, area([-0.5, 1.5], [0, 10]));
    expect(svg).toContain('d="M25 60L25 40"');
    expect(svg).toContain('d="M8 50L42 50"');
    expect(svg).toContain('d="M75 90L75 70"');
  });

  it('has marks that do not reach each other, be the choices numbers or one alone', () => {
    const some = column({ type: 'Categorical', choices: [0, 2, 10] });
    const svg = drawn(some, { ...LINE, x: [0, 2, 10] }, area([0, 10], [0, 10]));
    expect(svg).toContain('d="M13.2 90L26.8 90"');
    const one = column({ type: 'Categorical', choices: ['a'] }, false);
    const alone = { none: '', x: ['a'] as never, mean: [5], std: [1] };
    expect(drawn(one, alone, area([-0.5, 0.5], [0, 10]))).toContain('d="M28 50L72 50"');
  });

  it('goes down as far as there is room where a log axis has no such value', () => {
    const svg = drawn(NUMBERS, { ...LINE, std: [9, 9, 9] }, area([0, 10], [0.1, 10, true]));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('is told by its best place', () => {
    const stand = standOf(NUMBERS, []);
    const course = courseOf(LINE, NUMBERS, stand)!;
    expect(bestOf(course, stand, false)).toBe('5 (1 ± 0.5)');
    expect(bestOf(course, stand, true)).toBe('0 (3 ± 1)');
    const bands = standOf(CHOICES, []);
    const choice = courseOf({ ...LINE, x: ['a', 'b'] }, CHOICES, bands)!;
    expect(bestOf(choice, bands, false)).toBe('b (1 ± 0.5)');
  });
});
