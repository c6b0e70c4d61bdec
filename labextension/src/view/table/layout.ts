/** The columns' order, widths and visibility, by the table library; rows are not its business. */
import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type Column,
  type ColumnDef,
  type Header,
  type Updater
} from '@tanstack/preact-table';
import type { Signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Trial } from '../data/study';
import type { Spec } from './spec';
import type { TableModel } from './model';
import { movedBefore } from './moves';

const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature
});
type Features = typeof features;
export type TableColumn = Column<Features, Trial>;
export type TableHeader = Header<Features, Trial>;

// It would make an object for each row anew at each update: 8 ms at 10,000 trials, 36 ms sorted.
// So it is given none; `order.ts` sorts and `filter.ts` filters what has changed.
const NO_ROWS: Trial[] = [];
const LEAST_WIDTH = 44; // px
const MOST_WIDTH = 1200; // px

export interface Columns {
  headers: readonly TableHeader[];
  /** those of the columns in sight, a new array only if they or their order have changed */
  specs: readonly Spec[];
  /** all there are, in order */
  all: readonly TableColumn[];
}

/** Move a column past its neighbour in sight, to the left (-1) or to the right (1). */
export function moveBy(model: TableModel, { all, specs }: Columns, id: string, step: -1 | 1): void {
  const place = specs.findIndex(spec => spec.id === id);
  const next = specs[step < 0 ? place - 1 : place + 2]?.id ?? null;
  if (place > 0 && (step > 0 ? place < specs.length - 1 : place > 1)) {
    model.order.value = movedBefore(all.map(column => column.id), id, next);
  }
}

export function widen(model: TableModel, column: TableColumn, by: number): void {
  const width = Math.min(Math.max(column.getSize() + by, LEAST_WIDTH), MOST_WIDTH);
  model.widths.value = { ...model.widths.peek(), [column.id]: width };
}

export function useColumns(model: TableModel): Columns {
  const specs = model.specs.value;
  const columns = useMemo(() => specs.map(definition), [specs]);
  const setters = useMemo(() => settersOf(model), [model]);
  const table = useTable(
    {
      features,
      columns,
      data: NO_ROWS,
      columnResizeMode: 'onChange',
      manualSorting: true,
      ...setters,
      state: {
        sorting: model.sorting.value,
        columnOrder: withFirst(model.order.value),
        columnVisibility: model.visible.value,
        columnSizing: model.widths.value
      }
    },
    state => ({ resizing: state.columnResizing.isResizingColumn })
  );
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const ids = headers.map(({ column }) => column.id).join('\0');
  const shown = useMemo(
    () => ids.split('\0').flatMap(id => specs.find(spec => spec.id === id) ?? []),
    [ids, specs]
  );
  return { headers, specs: shown, all: table.getAllLeafColumns() };
}

function definition(spec: Spec): ColumnDef<Features, Trial> {
  return {
    id: spec.id,
    accessorFn: trial => spec.key(trial),
    size: spec.width,
    minSize: LEAST_WIDTH,
    maxSize: MOST_WIDTH,
    enableHiding: spec.id !== 'trial',
    sortDescFirst: spec.descFirst
  };
}

/** The trial's number stays where it is, at the edge. */
function withFirst(order: readonly string[]): string[] {
  return order.length > 0 ? ['trial', ...order.filter(id => id !== 'trial')] : [];
}

function settersOf(model: TableModel): {
  onSortingChange: (change: Updater<{ id: string; desc: boolean }[]>) => void;
  onColumnOrderChange: (change: Updater<string[]>) => void;
  onColumnVisibilityChange: (change: Updater<Record<string, boolean>>) => void;
  onColumnSizingChange: (change: Updater<Record<string, number>>) => void;
} {
  return {
    onSortingChange: setter(model.sorting),
    onColumnOrderChange: setter(model.order),
    onColumnVisibilityChange: setter(model.visible),
    onColumnSizingChange: setter(model.widths)
  };
}

function setter<T>(held: Signal<T>): (change: Updater<T>) => void {
  return change => {
    held.value = typeof change === 'function' ? (change as (old: T) => T)(held.peek()) : change;
  };
}
