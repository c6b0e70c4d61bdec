/** Lines of equal value on a grid, by marching squares. */

/** Ends of line pieces in cells of the grid: x, y, x, y, and so on. Cells with NaN have none. */
export function isolines(z: ArrayLike<number>, nx: number, ny: number, level: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < ny - 1; j += 1) {
    for (let i = 0; i < nx - 1; i += 1) {
      const at = j * nx + i;
      const [a, b, c, d] = [z[at]!, z[at + 1]!, z[at + nx + 1]!, z[at + nx]!];
      const mask =
        Number(a > level) + 2 * Number(b > level) + 4 * Number(c > level) + 8 * Number(d > level);
      if (mask === 0 || mask === 15 || Number.isNaN(a + b + c + d)) {
        continue;
      }
      const cut = (p: number, q: number): number => (level - p) / (q - p);
      // where the line crosses the lower, right, upper and left side
      const sides = [
        [i + cut(a, b), j],
        [i + 1, j + cut(b, c)],
        [i + cut(d, c), j + 1],
        [i, j + cut(a, d)]
      ] as const;
      const middle = (a + b + c + d) / 4 > level;
      for (const [from, to] of pieces(mask, middle)) {
        found.push(...sides[from]!, ...sides[to]!);
      }
    }
  }
  return found;
}

type Piece = readonly [from: 0 | 1 | 2 | 3, to: 0 | 1 | 2 | 3];

/** By which corners are above: lower left 1, lower right 2, upper right 4, upper left 8. */
const PIECES: readonly (readonly Piece[])[] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [],
  [[0, 2]],
  [[3, 2]]
];

/** A saddle (5 or 10) is cut so that its middle is on the right side. */
function pieces(mask: number, middle: boolean): readonly Piece[] {
  if (mask === 5 || mask === 10) {
    const joined = (mask === 5) === middle;
    return joined ? [[3, 2], [0, 1]] : [[3, 0], [1, 2]];
  }
  return PIECES[mask > 7 ? 15 - mask : mask]!;
}
