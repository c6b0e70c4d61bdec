import { describe, expect, test } from 'vitest';
import { screen } from './terminal';

describe('the screen', () => {
  test('shows plain text as it is', () => {
    expect(screen('a\n\tb é 漢\n')).toBe('a\n\tb é 漢\n');
    expect(screen('')).toBe('');
  });

  test('is without colours and titles', () => {
    expect(screen('\x1b[1;32mgood\x1b[0m \x1b[38;5;9mbad\x1b[m')).toBe('good bad');
    expect(screen('\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\')).toBe('textlink');
    expect(screen('\x1b(Bplain\x1b[?25l')).toBe('plain');
  });

  test('has a bar overwrite itself', () => {
    expect(screen(' 10%|#   |\r 80%|### |\r100%|####|\ndone\n')).toBe('100%|####|\ndone\n');
  });

  test('keeps what a shorter line does not reach', () => {
    expect(screen('epoch 100\rdone')).toBe('doneh 100');
    expect(screen('epoch 100\r\x1b[Kdone')).toBe('done');
    expect(screen('epoch 100\x1b[2K\rdone')).toBe('done');
    expect(screen('abcdef\x1b[3D\x1b[1K')).toBe('   def');
  });

  test('takes Windows’ ends of lines for what they are', () => {
    expect(screen('one\r\ntwo\r\n')).toBe('one\ntwo\n');
  });

  test('goes up for the outer of two bars', () => {
    expect(screen('outer 1\ninner 1\r\x1b[Aouter 2\n\rinner 2')).toBe('outer 2\ninner 2');
    expect(screen('top\x1b[99Aover')).toBe('topover');
  });

  test('goes back over letters', () => {
    expect(screen('ab\b\bcd')).toBe('cd');
    expect(screen('\b\bx')).toBe('x');
  });

  test('drops what no terminal shows, a cut sequence too', () => {
    expect(screen('a\x00b\x07c')).toBe('abc');
    expect(screen('end\x1b[')).not.toMatch(/\x1b/);
  });

  test('is quick with a long bar', () => {
    const bar = Array.from({ length: 20_000 }, (_, i) => `${i}%|${'#'.repeat(40)}|\r`).join('');
    const start = performance.now();
    expect(screen(bar)).toMatch(/^19999%/);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
