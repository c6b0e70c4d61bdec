import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import type { Saved, WireTrial } from '../../view.js';
import { bestOf, cellOf, written } from './best';
import { checked } from '../language/check';
import { parse } from '../language/python';
import { applied } from '../language/tunable';

const CELL = `%%tune fit --minimize loss
lr: Float(1e-5, 1e-1, log=True) = 1e-3
act: Categorical("relu", "tanh") = "relu"
f: Categorical(first, second) = first
if act == "relu":
    k: Int(1, 8) = 2
else:
    k: Int(1, 4) = 3
loss = g(lr, act, f, k)
`;

function trial(n: number, v: number | undefined, more: Partial<WireTrial> = {}): WireTrial {
  const p = { lr: 1e-4, act: 'tanh', f: 'second', 'k#2': 4 };
  return { n, s: v === undefined ? 'FAIL' : 'COMPLETE', p, ...(v === undefined ? {} : { v }), ...more };
}

function saved(trials: WireTrial[], maximize = false): Saved {
  const param = (key: string, type: string): object => ({ key, name: key.split('#')[0], type });
  const params = [
    param('lr', 'Float'), param('act', 'Categorical'), param('f', 'Categorical'),
    param('k', 'Int'), param('k#2', 'Int')
  ];
  const info = { name: 'fit', run: 2, metric: 'loss', maximize, params };
  const code = "lr = 0.0001\nact = 'tanh'\nf = second\nk = 4";
  return { info, trials, details: { 1: { code } } } as unknown as Saved;
}

const TRIALS = [trial(0, 0.5, { b: true }), trial(1, 0.25), trial(2, undefined), trial(3, 0.75)];

describe('the best parameters', () => {
  it('are those of the best complete trial, whichever way is better', () => {
    expect(bestOf(saved(TRIALS))?.trial.n).toBe(1);
    expect(bestOf(saved(TRIALS, true))?.trial.n).toBe(3);
    expect(bestOf(saved([trial(0, undefined)]))).toBeNull();
  });

  it('make a cell, with where they are from', () => {
    expect(cellOf(bestOf(saved(TRIALS))!)).toBe(
      "# tuned by jupyter_hpo: study 'fit', run 2, trial 1 of 4: loss = 0.25 (defaults: 0.5)\n" +
        "lr = 0.0001\nact = 'tanh'\nf = second\nk = 4"
    );
  });

  it('go into the declarations, each into its branch and with the quotes that are there', () => {
    const others = { sources: () => [] };
    const cell = checked(parse(CELL, parser), parser, others);
    const { changes, missing } = written(cell, saved(TRIALS), bestOf(saved(TRIALS))!);
    const expected = CELL.replace('1e-3', '0.0001')
      .replace('= "relu"\n', '= "tanh"\n')
      .replace('= first\n', '= second\n')
      .replace('= 3\n', '= 4\n');
    expect(applied(CELL, changes)).toBe(expected);
    expect(missing).toEqual([]);
    const odd = `%%tune
lr:Float(
  1e-5, 1e-1,  # wide
) = (1e-3)
(act): "Categorical('relu', 'tanh')" = 'relu'; f: ACTIVATIONS = first  # ours
k: Int(1, 4) = \\
    3
`;
    const strange = checked(parse(odd, parser), parser, others);
    expect(applied(odd, written(strange, saved(TRIALS), bestOf(saved(TRIALS))!).changes)).toBe(
      odd.replace('(1e-3)', '0.0001').replace("= 'relu'", "= 'tanh'").replace('= first', '= second').replace('    3', '    4')
    );
    const short = checked(parse('%%tune\nlr: Float(0, 1) = 0.0001\n', parser), parser, others);
    expect(written(short, saved(TRIALS), bestOf(saved(TRIALS))!)).toEqual({
      changes: [],
      missing: ['act', 'f', 'k']
    });
  });
});
