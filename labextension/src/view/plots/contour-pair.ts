/** Which two hyperparameters a contour plot is over. */
import { useMemo } from 'preact/hooks';
import { useView } from '../context';
import type { Column } from '../data/study';
import type { Ask, Importance } from '../protocol';
import { known } from './asked';
import { barsOf } from './importance';

const POINTS = 40; // of a model's grid, along each side

export type Pair = readonly [x: Column, y: Column];

/** The pair that the user wants, or else the most important ones, or the first numbers. */
export function pairOf(
  columns: readonly Column[],
  wanted: readonly string[],
  best: readonly string[]
): Pair | null {
  const numbers = columns.filter(({ numeric }) => numeric).map(({ name }) => name);
  const all = columns.map(({ name }) => name);
  const names = [...new Set([...best, ...numbers, ...all])].filter(name => all.includes(name));
  const x = all.find(name => name === wanted[0]) ?? names.find(name => name !== wanted[1]);
  const y = all.find(name => name === wanted[1] && name !== x) ?? names.find(name => name !== x);
  const [across, up] = [x, y].map(name => columns.find(each => each.name === name));
  return across && up ? [across, up] : null;
}

export function usePair(): Pair | null {
  const { study, ui, asker } = useView();
  const columns = study.columns.value;
  const wanted = ui.remember<string[]>('contour.pair', []).value;
  // only looked up when the plot is opened: axes do not change by themselves
  const best = useMemo(() => {
    const { data } = known<Importance>(asker, { what: 'importance' }).peek();
    return data ? barsOf(data.values).map(({ name }) => name) : [];
  }, [asker]);
  return useMemo(
    () => pairOf(columns, wanted, best),
    [JSON.stringify(columns), wanted, best]
  );
}

/** What is asked of the optimizer; null if it has nothing to do with it. */
export function modelOf(pair: Pair | null): Ask | null {
  const [x, y] = (pair ?? []).map(({ params }) => (params.length === 1 ? params[0]!.key : null));
  return x && y ? { what: 'model', x, y, points: POINTS } : null;
}
