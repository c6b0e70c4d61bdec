/** What the mouse and the keyboard do in the grid. */
import type { HTMLAttributes } from 'preact';
import { useRef } from 'preact/hooks';
import type { Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { count } from '../format';
import { moveBy, widen, type Columns } from './layout';
import { tsv } from './copy';
import type { Focus } from './focus';
import type { TableModel } from './model';
import { moved, selecting, type How } from './moves';

const STEP = 12; // px that a key resizes a column by

type Hands = Pick<
  HTMLAttributes<HTMLDivElement>,
  'onClick' | 'onDblClick' | 'onMouseDown' | 'onKeyDown' | 'onCopy'
>;

export function useHands(
  model: TableModel,
  ui: Ui,
  columns: Columns,
  focus: Focus,
  rows: readonly Trial[],
  page: number
): Hands {
  const anchor = useRef<number | null>(null);
  const select = (n: number, how: How): void => {
    ui.selected.value = selecting(ui.selected.peek(), rows, n, how, anchor.current);
    anchor.current = how === 'range' ? (anchor.current ?? n) : n;
  };
  const size = { rows: rows.length, columns: columns.specs.length, page };
  const onHead = (event: KeyboardEvent): boolean => {
    const { id } = columns.specs[focus.column]!;
    const column = columns.all.find(each => each.id === id)!;
    const aside = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (aside !== 0 && event.shiftKey) {
      event.ctrlKey || event.metaKey
        ? moveBy(model, columns, id, aside)
        : widen(model, column, aside * STEP);
    } else if (event.key === 'ContextMenu' || (event.altKey && event.key === 'ArrowDown')) {
      const near = (event.target as HTMLElement).querySelector<HTMLElement>('[data-menu]');
      model.menu.value = near && { column: id, near };
    } else if (event.key === 'Enter' || event.key === ' ') {
      column.toggleSorting(undefined, event.shiftKey);
    } else {
      return false;
    }
    return true;
  };
  const onRow = (event: KeyboardEvent, n: number): boolean => {
    if (event.key === 'Enter') {
      ui.open.value = n;
    } else if (event.key === ' ') {
      select(n, event.shiftKey ? 'range' : 'toggle');
    } else if (event.key === 'Escape' && ui.selected.peek().size > 0) {
      ui.selected.value = new Set();
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      ui.selected.value = new Set(rows.map(trial => trial.n));
    } else {
      return false;
    }
    return true;
  };
  const onMove = (event: KeyboardEvent): boolean => {
    const to = moved(event.key, event.ctrlKey || event.metaKey, focus, size);
    if (to === null || event.altKey) {
      return false;
    }
    const trial = rows[to.row];
    if (event.shiftKey && trial && to.row !== focus.row) {
      anchor.current ??= rows[focus.row]?.n ?? null;
      select(trial.n, 'range');
    }
    focus.go(to);
    return true;
  };
  return {
    onMouseDown: event => {
      if (event.shiftKey) {
        event.preventDefault(); // it would select text
      }
    },
    onClick: event => {
      const { row, opener } = under(event);
      if (row !== null) {
        if (opener) {
          ui.open.value = row;
        } else {
          const more = event.ctrlKey || event.metaKey;
          select(row, event.shiftKey ? 'range' : more ? 'toggle' : 'only');
        }
      }
    },
    onDblClick: event => {
      const { row, opener } = under(event);
      if (row !== null && !opener) {
        selectionIn(event.currentTarget)?.removeAllRanges(); // a double click marks a word
        ui.open.value = row;
      }
    },
    onKeyDown: event => {
      const pressed = (event.target as Element).closest('button'); // has keys of its own
      const trial = rows[focus.row];
      const handled =
        !(pressed && (event.key === 'Enter' || event.key === ' ')) &&
        ((trial ? onRow(event, trial.n) : onHead(event)) || onMove(event));
      if (handled) {
        event.preventDefault();
      }
    },
    onCopy: event => {
      // whoever has marked some text wants that
      if (event.clipboardData && !selectionIn(event.currentTarget)?.toString()) {
        const trials = model.toCopy();
        event.clipboardData.setData('text/plain', tsv(trials, columns.specs));
        event.preventDefault();
        model.tell(`copied ${count(trials.length, 'row')}`);
      }
    }
  };
}

function under(event: MouseEvent): { row: number | null; opener: boolean } {
  const target = event.target as Element;
  const n = target.closest<HTMLElement>('[data-n]')?.dataset['n'];
  const opener = target.closest('[data-open]') !== null;
  return { row: n === undefined ? null : Number(n), opener };
}

/** What text is marked; Chromium has it at the shadow tree, other browsers at the document. */
function selectionIn(element: HTMLElement): Selection | null {
  const root = element.getRootNode() as ShadowRoot & { getSelection?: () => Selection | null };
  return root.getSelection ? root.getSelection() : element.ownerDocument.getSelection();
}
