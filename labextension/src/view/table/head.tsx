import { useSignal } from '@preact/signals';
import type { HTMLAttributes, JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { Columns, TableHeader } from './layout';
import type { Spec } from './spec';
import type { TableModel } from './model';
import { movedBefore } from './moves';

const FAR = 6; // px that a press has to move to be a drag
const KEYS = 'Enter sorts, Alt+Down opens its menu, Shift with the arrows resizes it.';

interface HeadProps {
  model: TableModel;
  columns: Columns;
  scroller: RefObject<HTMLDivElement | null>;
  /** index of the column that has the focus; -1: none in the head */
  focused: number;
}

/** The columns' names: sort by a click, resize at the edge, move by dragging. */
export function Head({ model, columns, scroller, focused }: HeadProps): JSX.Element {
  const drag = useDrag(model, columns, scroller);
  return (
    <div role="rowgroup" class="jhpo-grid-head">
      <div role="row" class="jhpo-t-row" aria-rowindex={1} {...drag.events}>
        {columns.headers.map((header, index) => (
          <HeadCell
            key={header.id}
            header={header}
            spec={columns.specs[index]!}
            index={index}
            model={model}
            focused={index === focused}
            dragged={drag.id === header.column.id}
          />
        ))}
        {drag.line !== null && <div class="jhpo-t-drop" style={{ left: `${drag.line}px` }} />}
      </div>
    </div>
  );
}

interface CellProps {
  header: TableHeader;
  spec: Spec;
  index: number;
  model: TableModel;
  focused: boolean;
  dragged: boolean;
}

const SORTS = { asc: 'ascending', desc: 'descending' } as const;

function HeadCell({ header, spec, index, model, focused, dragged }: CellProps): JSX.Element {
  const { column } = header;
  const sorted = column.getIsSorted();
  const filtered = model.isFilteredBy(spec.id);
  const styles = [
    'jhpo-t-cell jhpo-t-head-cell',
    spec.end ? 'jhpo-t-end' : '',
    filtered ? 'jhpo-t-filtered' : '',
    dragged ? 'jhpo-t-dragged' : ''
  ];
  return (
    <div
      role="columnheader"
      class={styles.filter(Boolean).join(' ')}
      data-head={spec.id}
      data-column={index}
      aria-colindex={index + 1}
      aria-sort={sorted ? SORTS[sorted] : 'none'}
      aria-description={KEYS}
      tabIndex={focused ? 0 : -1}
      title={spec.hint}
      onClick={event => column.toggleSorting(undefined, event.shiftKey)}
    >
      <span class="jhpo-t-title">{spec.title}</span>
      {sorted && (
        <span class="jhpo-t-arrow" aria-hidden="true">
          {sorted === 'asc' ? '▲' : '▼'}
        </span>
      )}
      {filtered && <span class="jhpo-unseen">, filtered</span>}
      <MenuButton spec={spec} model={model} reachable={focused} filtered={filtered} />
      <Edge header={header} model={model} />
    </div>
  );
}

interface MenuProps {
  spec: Spec;
  model: TableModel;
  reachable: boolean;
  filtered: boolean;
}

function MenuButton({ spec, model, reachable, filtered }: MenuProps): JSX.Element {
  const wasOpen = useRef(false); // a press outside of an open menu closes it before the click
  const open = model.menu.value?.column === spec.id;
  return (
    <button
      class="jhpo-t-menu-button"
      data-menu
      tabIndex={reachable ? 0 : -1}
      aria-label={`menu of ${spec.title}${filtered ? ', filtered' : ''}`}
      aria-haspopup="dialog"
      aria-expanded={open}
      onPointerDown={event => {
        event.stopPropagation();
        wasOpen.current = open;
      }}
      onClick={event => {
        event.stopPropagation();
        model.menu.value = wasOpen.current ? null : { column: spec.id, near: event.currentTarget };
        wasOpen.current = false;
      }}
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {filtered ? (
          <path d="M1.5 2.5h9L7 6.5v3.5l-2-1V6.5z" class="jhpo-t-filled" />
        ) : (
          <path d="M6 2.2v.01M6 6v.01M6 9.8v.01" class="jhpo-t-dots-path" />
        )}
      </svg>
    </button>
  );
}

/** The right edge; a double click gives the column its first width back. */
function Edge({ header, model }: { header: TableHeader; model: TableModel }): JSX.Element {
  const { column } = header;
  const resize = header.getResizeHandler();
  return (
    <span
      class={`jhpo-t-edge${column.getIsResizing() ? ' jhpo-t-resizing' : ''}`}
      aria-hidden="true"
      onPointerDown={event => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId); // so that its click comes here, too
      }}
      onMouseDown={resize}
      onTouchStart={resize}
      onClick={event => event.stopPropagation()}
      onDblClick={event => {
        event.stopPropagation();
        const { [column.id]: _, ...rest } = model.widths.peek();
        model.widths.value = rest;
      }}
    />
  );
}

interface Drag {
  /** the column that is being dragged, and where it would go, px */
  id: string | null;
  line: number | null;
  events: HTMLAttributes<HTMLDivElement>;
}

function useDrag(
  model: TableModel,
  columns: Columns,
  scroller: RefObject<HTMLDivElement | null>
): Drag {
  const press = useRef<{ id: string; x: number } | null>(null);
  const dragged = useRef(false);
  const drop = useSignal<{ id: string; before: string | null; line: number } | null>(null);

  const place = (x: number): { before: string | null; line: number } => {
    const box = scroller.current!;
    const cells = [...box.querySelectorAll<HTMLElement>('[data-head]')].slice(1);
    const from = box.getBoundingClientRect().left - box.scrollLeft;
    for (const cell of cells) {
      const { left, width } = cell.getBoundingClientRect();
      if (x < left + width / 2) {
        return { before: cell.dataset['head']!, line: left - from };
      }
    }
    return { before: null, line: (cells.at(-1)?.getBoundingClientRect().right ?? from) - from };
  };
  const end = (): void => {
    press.current = null;
    drop.value = null;
  };

  return {
    id: drop.value?.id ?? null,
    line: drop.value?.line ?? null,
    events: {
      onPointerDown: event => {
        const id = (event.target as Element).closest<HTMLElement>('[data-head]')?.dataset['head'];
        dragged.current = false;
        // a finger scrolls; it finds the same in the menu
        if (id && id !== 'trial' && event.button === 0 && event.pointerType !== 'touch') {
          press.current = { id, x: event.clientX };
        }
      },
      onPointerMove: event => {
        const { id, x } = press.current ?? { id: '', x: 0 };
        if (!id || (!drop.value && Math.abs(event.clientX - x) < FAR)) {
          return;
        }
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = true;
        drop.value = { id, ...place(event.clientX) };
      },
      onPointerUp: () => {
        if (drop.value) {
          const { id, before } = drop.value;
          model.order.value = movedBefore(columns.all.map(column => column.id), id, before);
        }
        end();
      },
      onPointerCancel: end,
      onClickCapture: event => {
        if (dragged.current) {
          event.stopPropagation();
          dragged.current = false;
        }
      }
    }
  };
}
