/** Steps of a range in decimals as they are written: `0.1 * 3` would be 0.30000000000000004. */
import { reprFloat } from './values';

/** A decimal number: `digits` times ten to the power of `-places`. */
interface Decimal {
  digits: bigint;
  places: number;
}

function decimal(x: number): Decimal {
  const [mantissa, exponent] = reprFloat(x).split('e') as [string, string | undefined];
  const [whole, part = ''] = mantissa.split('.') as [string, string | undefined];
  const places = part.length - Number(exponent ?? 0);
  const digits = BigInt(whole + part);
  return places >= 0
    ? { digits, places }
    : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

/** The values low, low + step, … up to high. */
export function lattice(
  low: number,
  high: number,
  step: number
): { size: number; at: (place: number) => number } {
  const parts = [low, high, step].map(decimal);
  const places = Math.max(...parts.map(each => each.places));
  const [l, h, s] = parts.map(each => each.digits * 10n ** BigInt(places - each.places)) as [
    bigint,
    bigint,
    bigint
  ];
  return {
    size: Number((h - l) / s) + 1,
    at: place => Number(`${l + BigInt(place) * s}e-${places}`)
  };
}

/** Whether floats cannot tell the steps apart. */
export function tooFine(low: number, high: number, step: number): boolean {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const ulp = size === 0 ? Number.MIN_VALUE : 2 ** (Math.floor(Math.log2(size)) - 52);
  return step < 8 * ulp;
}

/** The step nearest to a number; of whole numbers the nearest below. */
export function nearestStep(
  kind: 'Float' | 'Int',
  low: number,
  high: number,
  step: number,
  n: number
): number {
  if (kind === 'Int') {
    return n - (((n - low) % step) + step) % step;
  }
  const values = lattice(low, high, step);
  const place = even(n / step - low / step);
  return values.at(Math.min(Math.max(place, 0), values.size - 1));
}

/** Round half to even, as Python does. */
function even(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}
