import { describe, expect, it } from 'vitest';
import type { FromKernel, Info } from '../view.js';
import { Heard } from './heard';

function told(uid: string, more: Partial<Info> = {}): FromKernel {
  const info = { uid, state: 'running', live: true, created: 0, ...more } as Info;
  return { kind: 'delta', from: 0, version: 1, now: 1, info };
}

describe('studies that are heard of', () => {
  it('are those of a kernel that live, the latest last', () => {
    const [studies, one, other] = [new Heard(), {}, {}];
    studies.hear(one, 'k', told('b', { created: 2 }));
    studies.hear(other, 'k', told('a', { created: 1 }));
    studies.hear({}, 'another', told('c'));
    studies.hear({}, 'k', told('d', { live: false }));
    expect(studies.of('k').map(info => info.uid)).toEqual(['a', 'b']);
    expect(studies.of(undefined)).toEqual([]);
  });

  it('stay as long as one view of them is left', () => {
    const [studies, old, now] = [new Heard(), {}, {}];
    studies.hear(old, 'k', told('a'));
    studies.hear(now, 'k', told('a', { state: 'paused' }));
    studies.forget(old);
    expect(studies.of('k').map(info => info.state)).toEqual(['paused']);
    studies.forget(now);
    expect(studies.of('k')).toEqual([]);
  });

  it('tell of a change of state, and of nothing else', () => {
    const [studies, view] = [new Heard(), {}];
    let changes = 0;
    studies.changed.connect(() => (changes += 1));
    studies.hear(view, 'k', told('a'));
    studies.hear(view, 'k', told('a', { elapsed: 5 }));
    studies.hear(view, 'k', { kind: 'delta', from: 1, version: 2, now: 2 });
    studies.hear(view, 'k', told('a', { state: 'paused' }));
    studies.forget(view);
    studies.forget(view);
    expect(changes).toBe(3);
  });
});
