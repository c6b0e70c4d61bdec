import { useEffect, useRef, useState } from 'preact/hooks';
import { useView } from '../context';
import type { Ask } from '../protocol';

const FORGOTTEN = 4000; // ms after which an answered request that changed nothing is not told of

export interface Requests {
  /** what has been asked for and does not show yet */
  pending: string;
  /** what the last one came to */
  answer: string;
  problem: string;
  send: (ask: Ask, pending: string) => void;
  dismiss: () => void;
}

/** Requests of the toolbar: what is under way shows at once, whenever the kernel answers. */
export function useRequests(): Requests {
  const { study, asker } = useView();
  const [said, say] = useState({ pending: '', answer: '', problem: '' });
  const latest = useRef(0);
  const { state, asked } = study.info.value;
  const running = study.glance.value.running[0]?.n;
  const settle = (): void => say(now => (now.pending ? { ...now, pending: '' } : now));
  useEffect(settle, [state, asked, running]);

  const send = (ask: Ask, pending: string): void => {
    const mine = (latest.current += 1);
    const ifLatest = (act: () => void) => () => latest.current === mine && act();
    say({ pending, answer: '', problem: '' });
    asker.ask<unknown>(ask).then(
      answer =>
        typeof answer === 'string' && ask.what === 'use'
          ? ifLatest(() => say({ pending: '', answer, problem: '' }))()
          : setTimeout(ifLatest(settle), FORGOTTEN),
      (error: Error) => ifLatest(() => say({ pending: '', answer: '', problem: error.message }))()
    );
  };
  return { ...said, send, dismiss: () => say(now => ({ ...now, problem: '' })) };
}
