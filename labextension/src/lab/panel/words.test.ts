import type { TranslationBundle } from '@jupyterlab/translation';
import { expect, it } from 'vitest';
import type { Listed, Live } from '../studies/brief';
import { sentence } from './words';

const filled = (text: string, ...values: unknown[]): string =>
  text.replace(/%(\d)/g, (_, at: string) => String(values[Number(at) - 1]));
const trans = {
  __: filled,
  _n: (one: string, many: string, n: number, ...more: unknown[]) => filled(n === 1 ? one : many, n, ...more)
} as unknown as TranslationBundle;

function study(stored: boolean | null): Listed {
  const live = stored === null ? null : ({ live: true, state: 'running', stored } as Live);
  return {
    uid: 'x', name: 'fit', run: 2, notebook: '', path: '', metric: 'loss', maximize: false, created: 0,
    aim: 9, state: 'running', message: '', done: 3, best: 0.5, leaders: [[0], [0.5]], live, place: null,
    broken: false, elsewhere: false
  };
}

it.each([
  [false, 'fit, run 2, running, 3 of 9 trials, not saved, best 0.5 loss'],
  [true, 'fit, run 2, running, 3 of 9 trials, best 0.5 loss'],
  [null, 'fit, run 2, running, 3 of 9 trials, best 0.5 loss']
])('a study that is stored (%j) in a sentence', (stored, told) => {
  expect(sentence(study(stored), trans)).toBe(told);
});
