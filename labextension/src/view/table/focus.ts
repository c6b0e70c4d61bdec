/** Which cell of the grid has the focus, and that it keeps it while rows come and go. */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Trial } from '../data/study';
import type { Spec } from './spec';
import type { Place } from './moves';

export interface Focus extends Place {
  /** Have a cell focused and brought into sight. */
  go(place: Place): void;
  onFocus(event: FocusEvent): void;
}

/** trial: null is the head, undefined the first row */
interface Held {
  trial: number | null | undefined;
  column: string;
}

export function useFocus(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly Trial[],
  specs: readonly Spec[]
): Focus {
  const held = useSignal<Held>({ trial: undefined, column: 'trial' });
  const last = useRef(0);
  const wanted = useRef(false);
  const { trial, column } = held.value;
  const place = { row: rowOf(trial, rows, last.current), column: columnOf(column, specs) };
  last.current = place.row;
  const had = focusedCell(scroller.current) !== null;

  useLayoutEffect(() => {
    const cell = cellAt(scroller.current, rows[place.row]?.n ?? null, place.column);
    if (wanted.current && cell) {
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    } else if (had && focusedCell(scroller.current) === null) {
      cell?.focus({ preventScroll: true }); // its row has been moved, or has left
    }
    wanted.current = false;
  });

  const hold = (next: Held): void => {
    if (next.trial !== held.peek().trial || next.column !== held.peek().column) {
      held.value = next;
    }
  };
  return {
    ...place,
    go: ({ row, column: index }) => {
      wanted.current = true;
      held.value = { trial: rows[row]?.n ?? null, column: specs[index]?.id ?? 'trial' };
    },
    onFocus: event => {
      const target = event.target as Element;
      const cell = target.closest<HTMLElement>('[data-column]');
      if (cell) {
        const n = cell.closest<HTMLElement>('[data-n]')?.dataset['n'];
        const id = specs[Number(cell.dataset['column'])]?.id ?? 'trial';
        hold({ trial: n === undefined ? null : Number(n), column: id });
      }
    }
  };
}

function rowOf(trial: number | null | undefined, rows: readonly Trial[], last: number): number {
  if (trial === null || rows.length === 0) {
    return -1;
  }
  const found = trial === undefined ? 0 : rows.findIndex(({ n }) => n === trial);
  return found >= 0 ? found : Math.max(Math.min(last, rows.length - 1), 0);
}

function columnOf(id: string, specs: readonly Spec[]): number {
  return Math.max(specs.findIndex(spec => spec.id === id), 0);
}

function cellAt(box: HTMLElement | null, n: number | null, column: number): HTMLElement | null {
  const row = n === null ? '.jhpo-grid-head' : `[data-n="${n}"]`;
  return box?.querySelector(`${row} [data-column="${column}"]`) ?? null;
}

/** The focused cell, or the one around what is focused. */
function focusedCell(box: HTMLElement | null): Element | null {
  const active = (box?.getRootNode() as ShadowRoot | Document | undefined)?.activeElement ?? null;
  return active && box?.contains(active) ? active.closest('[data-column]') : null;
}
