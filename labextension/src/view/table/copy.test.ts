import { expect, it } from 'vitest';
import { tsv } from './copy';
import { spec, trial } from './made';

const some = ['trial', 'state', 'value', 'p:lr', 'p:leak', 'reports', 'reason'].map(spec);

it('has a head, and all digits of what is a value', () => {
  const lr = 0.1 + 0.2;
  const text = tsv([trial(7, { v: 1 / 3, p: { lr }, steps: [0, 1], curve: [1.5, 1 / 3] })], some);
  expect(text).toBe(
    'trial\tstate\tloss\tlr\tleak\treports\treason\n' +
      '7\tcomplete\t0.3333333333333333\t0.30000000000000004\t\t1.5 0.3333333333333333\t\n'
  );
});

it('gives no report out as the value, and infinities as Python reads them', () => {
  const lines = tsv(
    [
      trial(0, { s: 'PRUNED', steps: [0], curve: [0.5] }),
      trial(1, { v: '-inf', value: -Infinity }),
      trial(2, { v: 'nan', value: NaN })
    ],
    [spec('value')]
  );
  expect(lines).toBe('loss\n\n-inf\nnan\n');
});

it('keeps a row on its line and a value in its cell', () => {
  const text = tsv([trial(0, { e: 'a\tb\r\nc\u2028d' })], [spec('trial'), spec('reason')]);
  expect(text).toBe('trial\treason\n0\ta b c d\n');
});
