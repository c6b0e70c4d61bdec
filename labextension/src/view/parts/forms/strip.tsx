import type { JSX } from 'preact';
import { value } from '../../format';
import type { Tally } from './tally';

interface Props {
  tally: Tally;
  low: number;
  high: number;
  best: number | undefined;
}

const HEIGHT = 26;

/** Values tried so far, the good ones filled; what a draft cuts off is pale. */
export function Strip({ tally, low, high, best }: Props): JSX.Element {
  const { all, good, place } = tally;
  const most = Math.max(...all, 1);
  const width = 100 / all.length;
  const rise = (count: number): number => (count > 0 ? Math.max((count / most) * HEIGHT, 2) : 0);
  const bar = (counts: number[], kind: string): JSX.Element[] =>
    counts.map((count, bin) => (
      <rect
        key={`${kind}${bin}`}
        class={kind}
        x={`${bin * width + width * 0.08}%`}
        width={`${width * 0.84}%`}
        y={HEIGHT - rise(count)}
        height={rise(count)}
      />
    ));
  const [from, to] = [place(low) * 100, place(high) * 100];
  return (
    <svg class="jhpo-strip" height={HEIGHT} aria-hidden="true">
      <title>values tried{best === undefined ? '' : `; the best is ${value(best)}`}</title>
      {bar(all, 'jhpo-tried')}
      {bar(good, 'jhpo-well')}
      <rect class="jhpo-cut" x="0" width={`${from}%`} y="0" height={HEIGHT} />
      <rect class="jhpo-cut" x={`${to}%`} width={`${100 - to}%`} y="0" height={HEIGHT} />
      <line class="jhpo-floor" x1="0" x2="100%" y1={HEIGHT} y2={HEIGHT} />
      {best !== undefined && (
        <svg x={`${place(best) * 100}%`} class="jhpo-top-mark">
          <path d="M-4-5h8l-4 5z" />
          <path class="jhpo-plumb" d={`M0 0V${HEIGHT}`} />
        </svg>
      )}
    </svg>
  );
}
