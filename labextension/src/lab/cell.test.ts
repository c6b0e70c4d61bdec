import { describe, expect, it } from 'vitest';
import { loads, tuneEdit } from './cell';

function tuned(source: string): string {
  const edit = tuneEdit(source);
  return edit ? source.slice(0, edit.start) + edit.text + source.slice(edit.end) : source;
}

describe('tuneEdit', () => {
  it.each([
    ['', '%%tune\n'],
    ['lr = 1', '%%tune\nlr = 1'],
    ['# learning rate\nlr = 1', '%%tune\n# learning rate\nlr = 1'],
    ['%%tuned\nlr = 1', '%%tune\n%%tuned\nlr = 1'],
    ['lr = 1\n%%tune', '%%tune\nlr = 1\n%%tune']
  ])('puts the magic above %j', (source, expected) => {
    expect(tuned(source)).toBe(expected);
  });

  it.each(['%%tune', '%%tune study --minimize loss\nlr = 1', '%%tune\n\n# note'])(
    'leaves %j alone',
    source => {
      expect(tuneEdit(source)).toBeNull();
    }
  );

  it.each([
    ['# note\n%%tune s -n 4\nlr = 1', '%%tune s -n 4\n# note\nlr = 1'],
    ['# note\n\n%%tune\nlr = 1', '%%tune\n# note\nlr = 1'],
    ['\n\n%%tune\nlr = 1', '%%tune\n\nlr = 1']
  ])('moves the magic up in %j', (source, expected) => {
    expect(tuned(source)).toBe(expected);
  });

  it('changes nothing the second time', () => {
    for (const source of ['', 'x = 1', '# a\n%%tune\nx = 1', '\n%%tune']) {
      expect(tuneEdit(tuned(source))).toBeNull();
    }
  });
});

it.each([
  [['import torch', '%load_ext jupyter_hpo'], true],
  [['from jupyter_hpo import Float'], true],
  [['# jupyter_hpo', ''], false]
])('%j load it: %j', (sources, told) => {
  expect(loads(sources)).toBe(told);
});
