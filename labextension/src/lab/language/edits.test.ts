/** What is known of a cell that has been edited is what a fresh look finds. */
import { parser } from '@lezer/python';
import { expect, it } from 'vitest';
import { checked } from './check';
import { contents, reads } from './contents';
import { parse, type Source } from './python';

const CELL = `%%tune study --minimize val_loss -n 40 -o 'bayes(kappa=2)'
import math, numpy as np
from torch import nn
lr: Float(1e-5, 1e-1, log=True) = 1e-3
width: Int(16, 512) = 64
act: Categorical("relu", "tanh") = "relu"
if act == "relu":
    leak: Float(0.0, 0.3) = 0.0
else:
    slope: Float(0, 1)
def train(model, batch, lr=lr, *rest):
    """What is
no block."""
    global seen
    for i, (x, y) in enumerate(batch):
        loss = model(x.to(device), y=y)
        if i % 100 == 0:
            print(f"step {i}", [k for k in history if k > leak])
    seen = loss; return {"loss": loss, "x": x[1:3]}

# a note
try:
    model = nn.Linear(width, 1)
except ValueError as error:
    print(error)
with open("f") as file: text = file.read()
class Own(nn.Module):
    size: Int(1, 3) = 2
if (n := len(text)) > 3: total = n; print(total)
for epoch in range(3):
    for batch in loader:
        out = train(model, batch)
    val_loss = out["loss"]
values = Float(0, 1)
`;
const WRITTEN = [
  'x', 'lr', ' ', '\n', '\n    ', '(', ')', '[', ']', '{', '}', '"', "'", '"""', ':', '=', ',', '.', '#', '\\', '%',
  '\n%time f(', '\n!ls (', ' := ', 'lambda: ', 'global lr\n', '\nfor i in x:\n    ', '\nif y', '\nelse:\n', 'def ',
  '\nn: Int(1, 8) = 9\n', ' = Float(0, 1)', '--trails ', '1.', '1.e5', '\n    z = 1\n', 'import *', '\nexec(a)\n',
  'await ', '\t', 'é', '“', '; ', '@', '_', 'f"{', '\n/f x\n', '\nlr = 2\n', '0'
];

/** Numbers that look random and are always the same: mulberry32. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** All that is known of a cell, with nodes as where they stand. */
function found(source: Source, by: typeof parser): Record<string, unknown> {
  const others = { sources: () => ['device = 1', 'history = []'] };
  const { line, problems, declared, bound, unsure, candidates, syntax } = checked(source, by, others);
  const spots = declared.map(({ name, node, target, annotation, value, domain }) => [
    name, domain, ...[node, target, annotation, value].map(each => each && [each.from, each.to, each.name])
  ]);
  const broken = contents(source).some(({ piece }) => piece.broken);
  return {
    line, syntax, broken, problems, spots, bound, unsure, candidates,
    reads: [...reads(source)].sort(), tree: String(source.tree)
  };
}

it.each([...Array(8).keys()])('after any edits, %i', seed => {
  const next = chance(seed);
  let text = seed % 4 ? CELL : CELL + CELL.slice(CELL.indexOf('\n') + 1).repeat(3);
  let source = parse(text, parser);
  let whole = 0;
  const edit = (from: number, to: number, insert: string): void => {
    text = text.slice(0, from) + insert + text.slice(to);
    source = parse(text, parser, source, [{ fromA: from, toA: to, fromB: from, toB: from + insert.length }]);
    const fresh = parser.configure({}); // of which nothing is remembered
    const [now, wanted] = [found(source, parser), found(parse(text, fresh), fresh)];
    if (wanted.broken) {
      // what the parser makes of the rest depends on where it began
      expect([now.broken, now.syntax, now.line], text).toEqual([true, wanted.syntax, wanted.line]);
    } else {
      expect(now, text).toEqual(wanted);
      whole += 1;
    }
  };
  for (let number = 0; number < 12; number += 1) {
    const undone: [number, number, string][] = [];
    for (let more = 1 + next(3); more > 0; more -= 1) {
      const from = next(4) ? next(text.length + 1) : text.indexOf('\n', next(text.length)) + 1;
      const to = Math.min(from + (next(3) ? 0 : next(next(4) ? 4 : 60)), text.length);
      const insert = next(5) ? WRITTEN[next(WRITTEN.length)]! : text.slice(to, to + next(50));
      undone.unshift([from, from + insert.length, text.slice(from, to)]);
      edit(from, to, insert);
    }
    const broken = contents(source).some(({ piece }) => piece.broken);
    if (broken || next(2)) {
      undone.forEach(([from, to, insert]) => edit(from, to, insert));
    }
  }
  expect(whole).toBeGreaterThan(10);
});
