import type { ISharedCell } from '@jupyter/ydoc';
import type { Elsewhere } from '../language/reader';

/** The other cells of the notebook that a cell stands in. */
export function othersOf(cell: ISharedCell): Elsewhere {
  return {
    sources: () => (cell.notebook?.cells ?? []).flatMap(each => (each === cell ? [] : each.getSource()))
  };
}
