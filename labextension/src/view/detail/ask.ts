import { useEffect, useRef, useState } from 'preact/hooks';
import { useView } from '../context';
import type { Trial } from '../data/study';
import type { TrialDetail } from '../protocol';

const SOON = 120; // ms that the panel waits for a trial's details before it turns to it without
const AGAIN = 3000; // ms after which a running trial's are asked for again
const KEPT = 100;

export interface Shown {
  number: number;
  detail: TrialDetail | null;
  /** why there are no details */
  problem: string;
}

/**
 * A trial and what the kernel says of it.
 *
 * What is shown turns to another trial when its details have come, which takes a moment: a panel
 * that first lost its lower half and then got another one would flicker with each step.
 */
export function useDetail(trial: Trial): Shown {
  const { asker } = useView();
  const kept = useRef(new Map<number, TrialDetail>());
  const [shown, show] = useState<Shown>({ number: trial.n, detail: null, problem: '' });
  const { n: number, s: state } = trial;
  const { live } = asker;
  useEffect(() => {
    const over = state !== 'RUNNING' && state !== 'WAITING';
    let ended = false;
    let timer = 0;
    const turn = (detail: TrialDetail | null, problem: string): void => {
      if (!ended) {
        // an answer that fails to come takes none away that has come
        show(now => {
          const before = now.number === number ? now.detail : null;
          return { number, detail: detail ?? before, problem };
        });
      }
    };
    const ask = (): void => {
      asker
        .ask<TrialDetail>({ what: 'trial', number })
        .then(
          detail => {
            turn(detail, '');
            if (over) {
              keep(kept.current, number, detail);
            }
          },
          (error: Error) => turn(null, error.message)
        )
        .finally(() => {
          if (!ended && state === 'RUNNING' && live) {
            timer = window.setTimeout(ask, AGAIN);
          }
        });
    };
    const known = over ? kept.current.get(number) : undefined;
    const late = window.setTimeout(() => {
      show(now => (now.number === number ? now : { number, detail: null, problem: '' }));
    }, SOON);
    known ? turn(known, '') : ask();
    return () => {
      ended = true;
      clearTimeout(timer);
      clearTimeout(late);
    };
  }, [asker, live, number, state]);
  return shown;
}

function keep(kept: Map<number, TrialDetail>, number: number, detail: TrialDetail): void {
  if (kept.size >= KEPT) {
    kept.clear();
  }
  kept.set(number, detail);
}
