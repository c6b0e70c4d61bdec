import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DemoStudy } from '../../demo/study';
import type { FromKernel, ToKernel } from '../protocol';
import { Asker, KeptHost, type Dial } from './host';

const SAVED = new DemoStudy({ trials: 3, state: 'finished' }).saved();

function kernel(): { dial: Dial; sent: ToKernel[]; say: (message: FromKernel) => void; hang: (why: string) => void } {
  const made = {
    sent: [] as ToKernel[],
    say: (_: FromKernel): void => undefined,
    hang: (_: string): void => undefined,
    dial: ((_, hear, broken) => {
      made.say = hear;
      made.hang = broken;
      return { send: message => made.sent.push(message), close: () => undefined };
    }) as Dial
  };
  return made;
}

describe('a kept study', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('says so when no kernel has answered for a while, and not before', () => {
    const host = new KeptHost(SAVED);
    host.dial(kernel().dial);
    expect(host.lost).toBe('');
    vi.advanceTimersByTime(3000);
    expect(host.lost).toMatch(/its kernel does not answer/);
  });

  it('keeps the reason when a new kernel does not have the study either', () => {
    const host = new KeptHost(SAVED);
    host.hangUp('its kernel has ended');
    const line = kernel();
    host.dial(line.dial);
    line.hang('');
    expect(host.lost).toMatch(/its kernel has ended/);
  });

  it('tells all of itself, and answers what the notebook has kept', async () => {
    const host = new KeptHost(SAVED);
    const heard: FromKernel[] = [];
    const asker = new Asker(host);
    host.listen(message => {
      heard.push(message);
      asker.hear(message);
    });
    asker.hello();
    expect(await asker.ask({ what: 'importance' })).toEqual(SAVED.importance);
    await expect(asker.ask({ what: 'trial', number: 99 })).rejects.toThrow('has kept no more');
    await expect(asker.ask({ what: 'pause' })).rejects.toThrow();
    expect(heard[0]).toMatchObject({ kind: 'all', trials: SAVED.trials });
  });

  it('goes over to the kernel when that answers, and says when the line broke', () => {
    const host = new KeptHost(SAVED);
    const line = kernel();
    const heard: FromKernel[] = [];
    host.listen(message => heard.push(message));
    host.dial(line.dial);
    expect(line.sent).toEqual([{ kind: 'hello' }]);
    expect(host.live).toBe(false);
    const delta: FromKernel = { kind: 'delta', from: 0, version: 1, now: 1 };
    line.say(delta);
    expect(host.live).toBe(true);
    expect(host.lost).toBe('');
    expect(heard).toEqual([delta]);
    host.send({ kind: 'hello' });
    expect(line.sent).toHaveLength(2);
    line.hang('The kernel has ended');
    expect(host.live).toBe(false);
    expect(host.lost).toMatch(/^as of .*: The kernel has ended$/);
  });

  it('ignores what comes on a line of before', () => {
    const host = new KeptHost(SAVED);
    const [old, now] = [kernel(), kernel()];
    const heard: FromKernel[] = [];
    host.listen(message => heard.push(message));
    host.dial(old.dial);
    host.dial(now.dial);
    old.say({ kind: 'delta', from: 0, version: 1, now: 1 });
    old.hang('gone');
    expect(heard).toEqual([]);
    now.say({ kind: 'delta', from: 0, version: 2, now: 1 });
    expect(host.live).toBe(true);
  });

  it('shows what is newer in the notebook, unless the kernel itself speaks', () => {
    const host = new KeptHost(SAVED);
    const heard: FromKernel[] = [];
    host.listen(message => heard.push(message));
    host.renew({ ...SAVED, trials: [] });
    expect(heard).toMatchObject([{ kind: 'all', trials: [] }]);
    const line = kernel();
    host.dial(line.dial);
    line.say({ kind: 'delta', from: 0, version: 1, now: 1 });
    host.renew(SAVED);
    expect(heard).toHaveLength(2);
  });
});
