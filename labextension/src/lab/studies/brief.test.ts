import { describe, expect, it } from 'vitest';
import { Ends } from '../progress/ends';
import { foremost, grouped, listed, meant, sifted, split, verbs, type Live, type Stored, type Verb } from './brief';
import { spark } from './spark';

const TOLD = {
  notebook: 'net.ipynb',
  run: 1,
  metric: 'loss',
  maximize: false,
  created: 100,
  aim: 10,
  state: 'running' as const,
  message: '',
  done: 3,
  best: 0.5,
  leaders: [[0], [0.5]] as [number[], number[]]
};

function live(uid: string, more: Partial<Live> = {}): Live {
  const mine = { failed: 0, elapsed: 0, since: null, live: true, asked: '' as const, stored: true };
  return { ...TOLD, ...mine, uid, name: uid, ...more };
}

function stored(uid: string, id: number, more: Partial<Stored> = {}): Stored {
  const mine = { state: 'finished' as const, id, alive: false, broken: false };
  return { ...TOLD, ...mine, uid, name: uid, ...more };
}

describe('listed', () => {
  it('has a study once, as its kernel knows it and with its place in the file', () => {
    const file = { path: 'a/b', more: false, studies: [stored('x', 7), stored('y', 8, { alive: true })] };
    const [x, y] = listed([{ path: 'a/b/net.ipynb', studies: [live('x')] }], [file]);
    expect(x).toMatchObject({ state: 'running', place: { folder: 'a/b', id: 7 }, elsewhere: false });
    expect(y).toMatchObject({ live: null, elsewhere: true, path: 'a/b/net.ipynb' });
    expect([verbs(x!), verbs(y!)]).toEqual([['pause', 'stop'], []]);
  });
});

describe('verbs', () => {
  it.each([
    [{ state: 'paused' }, ['resume', 'stop']],
    [{ asked: 'pause' }, ['pause', 'stop']],
    [{ asked: 'stop' }, []],
    [{ state: 'finished' }, []],
    [{ state: 'paused', live: false }, []]
  ] as [Partial<Live>, string[]][])('of %j', (more, can) => {
    expect(verbs(listed([{ path: '', studies: [live('x', more)] }], [])[0]!)).toEqual(can);
  });
});

describe('meant', () => {
  it.each([
    [[], 'pause', 'c'],
    [[], 'resume', 'b'],
    [['a'], 'stop', 'a'],
    [['b'], 'resume', 'b'],
    [['b'], 'pause', undefined],
    [['gone'], 'stop', 'c']
  ] as [string[], Verb, string | undefined][])('of a cell with %j, by %s', (own, verb, uid) => {
    const studies = [live('a'), live('b', { state: 'paused' }), live('c')];
    expect(meant(studies, own, verb)?.uid).toBe(uid);
  });
});

describe('grouped', () => {
  it('puts what lives first, then what is new, and runs of a study together', () => {
    const kernels = [
      { path: 'old.ipynb', studies: [live('x', { created: 1 })] },
      { path: 'new.ipynb', studies: [live('done', { created: 9, state: 'finished' })] }
    ];
    const runs = [stored('b1', 1, { name: 'b', created: 2 }), stored('b2', 2, { name: 'b', run: 2, created: 3 })];
    const folder = { path: '', more: false, studies: runs.map(each => ({ ...each, notebook: 'old.ipynb' })) };
    const groups = grouped(listed(kernels, [folder]));
    expect(groups.map(({ path }) => path)).toEqual(['old.ipynb', 'new.ipynb']);
    const told = groups[0]!.studies.map(({ latest, earlier }) => [latest.uid, earlier.map(({ uid }) => uid)]);
    expect(told).toEqual([
      ['x', []],
      ['b2', ['b1']]
    ]);
  });
});

describe('sifted', () => {
  it('keeps what is called so, and all of a notebook that is', () => {
    const studies = ['Adam', 'sgd', 'adamw'].map(uid => stored(uid, 1, { notebook: uid === 'sgd' ? 'x.ipynb' : 'net.ipynb' }));
    const groups = grouped(listed([], [{ path: '', more: false, studies }]));
    const names = (text: string): string[] =>
      sifted(groups, text).flatMap(group => group.studies.map(({ latest }) => latest.name)).sort();
    expect(names(' ADAM ')).toEqual(['Adam', 'adamw']);
    expect(names('x.ipy')).toEqual(['sgd']);
    expect(names('none')).toEqual([]);
  });
});

describe('foremost', () => {
  it('is the running study that began last', () => {
    const studies = [
      live('x', { created: 1 }),
      live('y', { created: 2 }),
      live('z', { created: 3, state: 'paused' })
    ];
    expect(foremost(listed([{ path: '', studies }], []))?.uid).toBe('y');
    expect(foremost([])).toBeNull();
  });
});

describe('Ends', () => {
  const look = (ends: Ends, now: number, ...studies: Live[]): string[] =>
    ends.look(listed([{ path: '', studies }], []), now, 60).map(each => each.uid);

  it('tells once of a long study that was seen to run, and not of one that was stopped', () => {
    const ends = new Ends();
    const over = { state: 'finished', elapsed: 61, live: false } as const;
    expect(look(ends, 100, live('x', { since: 0 }), live('y'), live('z'))).toEqual([]);
    const now = [live('x', over), live('y', { ...over, elapsed: 59 }), live('z', { ...over, state: 'stopped' })];
    expect(look(ends, 101, ...now, live('w', over))).toEqual(['x']);
    expect(look(ends, 102, ...now)).toEqual([]);
  });
});

describe('spark', () => {
  it('goes in steps to the last trial, and stays inside', () => {
    const drawn = spark({ leaders: [[0, 4], [2, 1]], done: 11, maximize: false }, 65, 25)!;
    expect(drawn.path).toBe('M2.5 2.5H26.5V22.5H62.5');
    expect(drawn.end).toEqual([62.5, 22.5]);
  });

  it('puts what is not finite at the edge, and says nothing of one trial', () => {
    const leaders: [number[], ('inf' | number)[]] = [[0, 1, 2], ['inf', 3, 2]];
    expect(spark({ leaders, done: 3, maximize: false }, 65, 25)!.path).toMatch(/^M2.5 2.5H/);
    expect(spark({ leaders: [[0], [1]], done: 1, maximize: false }, 65, 25)).toBeNull();
    expect(spark({ leaders: [[], []], done: 9, maximize: true }, 65, 25)).toBeNull();
    expect(spark({ leaders: [[0, 1], [-1.7e308, 1.7e308]], done: 2, maximize: true }, 65, 25)!.path).not.toMatch(/NaN/);
  });
});

it('split parts folder and name', () => {
  expect([split('a/b/c.ipynb'), split('c.ipynb')]).toEqual([
    ['a/b', 'c.ipynb'],
    ['', 'c.ipynb']
  ]);
});
