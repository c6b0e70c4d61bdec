/** The ranges on the axes of parallel coordinates, and which lines they let through. */
import { useSignal, type Signal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Ui } from '../data/ui';
import { withRange, type Brushes } from './brush';
import { passed, type Bundle } from './parallel-bundle';

type Pair = [number, number];

const COMMIT = 100; // ms between two filterings of the table while a range is drawn

/** They are shared with the table. */
export function brushesOf(ui: Ui): Signal<Record<string, Pair>> {
  return ui.remember<Record<string, Pair>>('brush', {});
}

export interface Ranges {
  /** while one is drawn, ahead of what the table knows */
  now: { value: Brushes };
  set: (id: string, range: Pair | null, done: boolean) => void;
  settled: () => string;
  mask: () => Uint8Array | null;
  /** places of the lines that can be pointed at */
  candidates: () => ArrayLike<number>;
}

export function useRanges(ui: Ui, bundle: Bundle): Ranges {
  const kept = brushesOf(ui);
  const draft = useSignal<Brushes | null>(null);
  const committed = useRef(0);
  const settled = useRef('');
  const latest = useRef(bundle);
  latest.current = bundle;
  const memo = useRef<{ of: unknown[]; mask: Uint8Array | null }>({ of: [], mask: null });
  return useMemo(() => {
    const now = {
      get value(): Brushes {
        return draft.value ?? kept.value;
      }
    };
    const set: Ranges['set'] = (id, range, done) => {
      const changed = withRange(now.value, id, range);
      draft.value = done ? null : changed;
      if (done || performance.now() - committed.current > COMMIT) {
        committed.current = performance.now();
        kept.value = changed;
      }
    };
    const mask = (): Uint8Array | null => {
      const of = [latest.current, now.value, ui.passing.value];
      if (of.some((each, i) => each !== memo.current.of[i])) {
        memo.current = { of, mask: passed(latest.current, now.value, ui.passing.value) };
      }
      return memo.current.mask;
    };
    const candidates = (): ArrayLike<number> => {
      const { order, running, waiting } = latest.current;
      const passing = mask();
      return [...order, ...waiting, ...running].filter(i => passing === null || passing[i]);
    };
    const settledNow = (): string => {
      if (draft.value === null) {
        settled.current = JSON.stringify(kept.value);
      }
      return settled.current;
    };
    return { now, set, settled: settledNow, mask, candidates };
  }, [ui]);
}
