/** Where the keyboard goes in the grid, what a click selects, in which order columns stand. */

/** A cell; row -1 is the head. */
export interface Place {
  row: number;
  column: number;
}

export interface Size {
  rows: number;
  columns: number;
  /** rows in sight */
  page: number;
}

/** The cell that a key leads to; null if it is no key for moving. */
export function moved(key: string, ctrl: boolean, from: Place, size: Size): Place | null {
  const { row, column } = from;
  const [bottom, right] = [size.rows - 1, size.columns - 1];
  const to = (r: number, c: number): Place => ({
    row: Math.max(Math.min(r, bottom), -1),
    column: Math.max(Math.min(c, right), 0)
  });
  switch (key) {
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowDown':
      return to(row + 1, column);
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'Home':
      return ctrl ? to(Math.min(0, bottom), 0) : to(row, 0);
    case 'End':
      return ctrl ? to(bottom, right) : to(row, right);
    case 'PageUp':
      return to(row <= 0 ? -1 : Math.max(row - size.page, 0), column);
    case 'PageDown':
      return to(Math.max(row, 0) + size.page, column);
    default:
      return null;
  }
}

export type How = 'only' | 'toggle' | 'range';

/** What is selected after a click on trial `n`; a range begins at `anchor`. */
export function selecting(
  selected: ReadonlySet<number>,
  order: readonly { n: number }[],
  n: number,
  how: How,
  anchor: number | null
): ReadonlySet<number> {
  if (how === 'toggle') {
    const more = new Set(selected);
    return more.delete(n) ? more : more.add(n);
  }
  const from = how === 'range' ? order.findIndex(trial => trial.n === anchor) : -1;
  const to = order.findIndex(trial => trial.n === n);
  if (from < 0 || to < 0) {
    return new Set([n]);
  }
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return new Set(range.map(trial => trial.n));
}

/** `ids` with `id` moved to stand before `next` (null: at the end); the first one stays first. */
export function movedBefore(ids: readonly string[], id: string, next: string | null): string[] {
  const [first, ...rest] = ids;
  if (first === undefined || id === first || id === next) {
    return [...ids];
  }
  const others = rest.filter(each => each !== id);
  const place = next === null ? others.length : Math.max(others.indexOf(next), 0);
  return [first, ...others.slice(0, place), id, ...others.slice(place)];
}

/** Which row was in sight on top, and how far the view is to be scrolled to keep it there. */
export function anchored(
  before: readonly { n: number }[],
  after: readonly { n: number }[],
  top: number,
  height: number
): number {
  const first = Math.floor(top / height);
  const places = new Map<number, number>();
  for (let i = first; i < Math.min(first + 40, before.length); i += 1) {
    places.set(before[i]!.n, i);
  }
  // the topmost of those that were in sight and are still there
  let found: [was: number, is: number] | null = null;
  for (let i = 0; i < after.length; i += 1) {
    const was = places.get(after[i]!.n);
    if (was !== undefined && (found === null || was < found[0])) {
      found = [was, i];
      if (was === first) {
        break;
      }
    }
  }
  return found ? (found[1] - found[0]) * height : 0;
}
