/** A declaration in a few words and positions, to be drawn. */
import type { Declaration } from './declarations';
import { isNumber, type ChoiceDomain, type NumberDomain } from './domains';
import { evaluate } from './literals';
import { slice, written, type Source } from './python';
import { equal, numeric, type Value } from './values';

export interface Badge {
  name: string;
  /** the range, as short as it can be read */
  text: string;
  /** scale, step, condition */
  words: string[];
  /** the default as written; "" if there is none */
  initial: string;
  /** how many choices there are; 0 for a range */
  dots: number;
  /** where the default is: the place of the choice, or a share of the range; null: unknown */
  at: number | null;
  /** shares of the range at whole powers of ten */
  ticks: number[];
}

const MOST_DOTS = 8;
const LONGEST = 24; // letters of a bound that is an expression

/** Of a declaration that is right as far as can be seen; null of any other. */
export function badgeOf(source: Source, one: Declaration): Badge | null {
  const { domain, name, value, path } = one;
  if (!domain) {
    return null;
  }
  const known = value ? evaluate(source, value) : undefined;
  const initial = value ? slice(source, value) : '';
  const badge = isNumber(domain)
    ? ofRange(source, one, domain, known)
    : ofChoices(domain, known);
  const sometimes = path.length ? ['if'] : [];
  return { ...badge, name, initial, words: [...badge.words, ...sometimes] };
}

type Drawn = Omit<Badge, 'name' | 'initial'>;

function ofRange(
  source: Source,
  { call }: Declaration,
  { low, high, log, step }: NumberDomain,
  value: Value | undefined
): Drawn {
  const given = (place: number, name: string): string => {
    const node = call.positional[place] ?? call.keywords.find(each => each.name === name)?.value;
    return node ? short(written(source, node)) : '…';
  };
  const text = `${low === undefined ? given(0, 'low') : compact(low)} … ${
    high === undefined ? given(1, 'high') : compact(high)
  }`;
  const words = [
    ...(log ? ['log'] : []),
    ...(typeof step === 'number' ? [`step ${compact(step)}`] : [])
  ];
  const n = value && numeric(value);
  if (low === undefined || high === undefined || low >= high || log === undefined) {
    return { text, words, dots: 0, at: null, ticks: [] };
  }
  const place = (x: number): number =>
    log ? (Math.log(x) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (x - low) / (high - low);
  const inside = n !== undefined && low <= n && n <= high;
  return { text, words, dots: 0, at: inside ? place(n) : null, ticks: log ? decades(low, high).map(place) : [] };
}

/** Whole powers of ten inside a range; none if there are too many to be told apart. */
function decades(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.ceil(Math.log10(low) + 1e-9); 10 ** power < high * (1 - 1e-9); power += 1) {
    found.push(10 ** power);
  }
  return found.length <= 12 ? found : [];
}

function ofChoices({ choices, kind }: ChoiceDomain, value: Value | undefined): Drawn {
  const count = choices?.length ?? 0;
  const text = kind === 'Bool' ? 'True / False' : count ? `${count} choices` : 'choices';
  const place = choices && value ? choices.findIndex(each => each && equal(each, value)) : -1;
  const dots = count <= MOST_DOTS ? count : 0;
  return { text, words: [], dots, at: dots && place >= 0 ? place : null, ticks: [] };
}

/** A number in few letters: 1e-5, not 0.00001. */
export function compact(x: number): string {
  const size = Math.abs(x);
  if (x !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = x.toExponential().split('e') as [string, string];
    return `${mantissa}e${Number(exponent)}`;
  }
  return String(x);
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
