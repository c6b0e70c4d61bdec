/** What is near the pointer. */

export const REACH = 20; // px

/** The nearest of `items` within reach; NaN places are nowhere. */
export function nearest<T>(
  items: readonly T[],
  x: (item: T) => number,
  y: (item: T) => number,
  at: { x: number; y: number },
  reach = REACH
): T | null {
  let found: T | null = null;
  let least = reach * reach;
  for (const item of items) {
    const across = x(item) - at.x;
    if (Math.abs(across) <= reach) {
      const distance = across ** 2 + (y(item) - at.y) ** 2;
      // of two in one place the later one, which is drawn on top
      if (distance <= least) {
        [found, least] = [item, distance];
      }
    }
  }
  return found;
}

/** Square of the distance of a point from the line between two others. */
export function fromLine(
  px: number,
  py: number,
  ax: number,
  ay: number,
  bx: number,
  by: number
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length > 0 ? ((px - ax) * dx + (py - ay) * dy) / length : 0;
  const share = Math.min(Math.max(along, 0), 1);
  return (px - ax - share * dx) ** 2 + (py - ay - share * dy) ** 2;
}
