/** The best value over the trials, as a small line of steps. */
import { real } from '../../view/format';
import type { Listed } from './brief';

export interface Spark {
  /** of an SVG path */
  path: string;
  /** where it ends */
  end: [x: number, y: number];
}

const SIDE = 2.5; // px, room for the dot at the end

/** Null where fewer than two trials say anything. */
export function spark(
  { leaders, done, maximize }: Pick<Listed, 'leaders' | 'done' | 'maximize'>,
  width: number,
  height: number
): Spark | null {
  const numbers = leaders[0];
  const values = leaders[1].map(real);
  const finite = values.filter(Number.isFinite);
  const last = Math.max(done - 1, numbers.at(-1) ?? 0);
  if (finite.length === 0 || last < 1) {
    return null;
  }
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const x = (n: number): number => rounded(SIDE + ((width - 2 * SIDE) * n) / last);
  const y = (value: number): number => {
    // halves, or the largest floats would overflow; what is worse than all stands at the edge
    const span = high / 2 - low / 2;
    const worst = maximize ? 0 : 1;
    const up = !Number.isFinite(value) ? worst : span > 0 ? (value / 2 - low / 2) / span : 0.5;
    return rounded(height - SIDE - (height - 2 * SIDE) * up);
  };
  let path = '';
  numbers.forEach((n, i) => {
    path += i === 0 ? `M${x(n)} ${y(values[0]!)}` : `H${x(n)}V${y(values[i]!)}`;
  });
  const end: [number, number] = [x(last), y(values.at(-1)!)];
  return { path: `${path}H${end[0]}`, end };
}

function rounded(x: number): number {
  return Math.round(x * 10) / 10;
}
