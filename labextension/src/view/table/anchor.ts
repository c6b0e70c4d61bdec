/** Keeps what the user looks at where it is. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TableModel } from './model';
import { anchored } from './moves';
import { ROW_HEIGHT } from './sizes';

/** Rows that come in above move nothing but a view at its top; other orders begin there. */
export function useAnchor(
  scroller: RefObject<HTMLDivElement | null>,
  model: TableModel,
  jump: (to: number) => void
): void {
  const rows = model.rows.value;
  const lead = model.pinned.value ? ROW_HEIGHT : 0;
  const asked = [model.sorting.value, model.filters.value];
  const was = useRef({ rows, asked, lead });
  const next = useRef<number | null>(null);
  if (rows !== was.current.rows) {
    const top = scroller.current?.scrollTop ?? 0;
    const same = asked.every((each, i) => each === was.current.asked[i]);
    if (top >= 1) {
      const seen = top + was.current.lead;
      const moves = anchored(was.current.rows, rows, seen, ROW_HEIGHT);
      next.current = same ? Math.max(top + moves + was.current.lead - lead, 0) : 0;
      jump(next.current);
    }
    was.current = { rows, asked, lead };
  }
  useLayoutEffect(() => {
    if (next.current !== null && scroller.current) {
      scroller.current.scrollTop = next.current;
      next.current = null;
    }
  });
}
