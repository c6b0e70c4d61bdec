/** Numbers as people type them, and whether a hyperparameter may have them. */
import { value } from '../../format';
import type { Param } from '../../protocol';

const NUMBER = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text stands for; null if it is none. */
export function parsed(text: string): number | null {
  const plain = text.trim().replace(/^[−–]/, '-').replace(/e[−–]/i, 'e-');
  const number = NUMBER.test(plain) ? Number(plain.replace(/_/g, '')) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A number as one would type it, with all its digits: "1e-5", not "0.00001". */
export function typed(x: number): string {
  const [plain, short] = [String(x), x.toExponential().replace('e+', 'e')];
  const far = x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6);
  return far && short.length < plain.length ? short : plain;
}

/** What is wrong with a text that is no number. */
export function noNumber(text: string): string {
  const pointed = text.trim().replace(',', '.');
  return text.includes(',') && parsed(pointed) !== null
    ? `with a point: ${pointed}`
    : 'a number, such as 1e-3';
}

/** "1e-5 to 0.1, log scale". */
export function rangeTold(param: Param): string {
  const { low = -Infinity, high = Infinity } = param;
  const whole = param.type === 'Int' ? ', whole' : '';
  const kind = param.step ? `, steps of ${value(param.step)}` : whole;
  return `${value(low)} to ${value(high)}${kind}${param.log ? ', log scale' : ''}`;
}

/** Why a hyperparameter cannot have a value; "" if it can. */
export function misfit(param: Param, x: number): string {
  const { low = -Infinity, high = Infinity, step } = param;
  if (param.type === 'Int' && !Number.isInteger(x)) {
    return 'a whole number';
  }
  if (x < low || x > high) {
    return `from ${value(low)} to ${value(high)}`;
  }
  if (step) {
    const near = nearestStep(low, high, step, x).map(value).join(' or ');
    return onStep(low, step, x) ? '' : `in steps of ${value(step)}: ${near}`;
  }
  return '';
}

/** Whether a value is low, low + step, low + 2 step, …, as exactly as the kernel looks at it. */
export function onStep(low: number, step: number, x: number): boolean {
  const places = (x - low) / step;
  return Math.abs(places - Math.round(places)) <= 1e-6;
}

/** The one or two values of the steps beside `x`. */
function nearestStep(low: number, high: number, step: number, x: number): number[] {
  const below = Math.floor((x - low) / step + 1e-9);
  return [below, below + 1]
    .map(place => Number((low + place * step).toPrecision(12)))
    .filter(each => each >= low && each <= high);
}
