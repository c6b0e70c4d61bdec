/**
 * The condition of a hyperparameter, looked at where that is simple.
 *
 * Conditions are Python's, and only the kernel knows them for sure. A form that sees that `leak`
 * needs `activation == 'relu'` can spare its user the refusal; where it cannot tell, it lets be.
 */
import type { Scalar } from '../../protocol';

/** true or false; null: not known here. */
export type Verdict = boolean | null;
/** Values by name; undefined: not known. */
export type Known = (name: string) => Scalar | undefined;
type Held = Scalar | undefined | readonly (Scalar | undefined)[];

const TOKEN = new RegExp(
  [
    /'(?:[^'\\]|\\['"\\])*'/,
    /"(?:[^"\\]|\\['"\\])*"/,
    /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/,
    /[a-z_]\w*/,
    /[=!<>]=|[<>()[\],-]/
  ]
    .map(part => `\\s*(?:${part.source})`)
    .join('|'),
  'iy'
);

/** Whether a condition holds, by Python's rules. */
export function holds(condition: string, known: Known): Verdict {
  const tokens = split(condition.replace(/^\s*if\s+/, ''));
  if (tokens === null || tokens.length === 0) {
    return null;
  }
  try {
    const reader = new Reader(tokens, known);
    const verdict = truth(reader.either());
    return reader.done ? verdict : null;
  } catch {
    return null;
  }
}

function split(text: string): string[] | null {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  const whole = text.trimEnd();
  while (TOKEN.lastIndex < whole.length) {
    const match = TOKEN.exec(whole);
    if (!match) {
      return null;
    }
    found.push(match[0].trim());
  }
  return found;
}

class Reader {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly known: Known
  ) {}

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  either(): Held {
    let held = this.both();
    while (this.skip('or')) {
      held = disjunction(truth(held), truth(this.both())) ?? undefined;
    }
    return held;
  }

  private both(): Held {
    let held = this.negation();
    while (this.skip('and')) {
      const [one, other] = [negated(truth(held)), negated(truth(this.negation()))];
      held = negated(disjunction(one, other)) ?? undefined;
    }
    return held;
  }

  private negation(): Held {
    return this.skip('not') ? (negated(truth(this.negation())) ?? undefined) : this.comparison();
  }

  private comparison(): Held {
    const left = this.atom();
    const sign = this.sign();
    if (sign === '') {
      return left;
    }
    const verdict = compared(left, sign, this.atom());
    if (this.sign() !== '') {
      throw new Error('a chain'); // 1 < x < 3
    }
    return verdict ?? undefined;
  }

  private sign(): string {
    for (const sign of ['==', '!=', '<=', '>=', '<', '>', 'in']) {
      if (this.skip(sign)) {
        return sign;
      }
    }
    if (this.skip('is')) {
      return this.skip('not') ? '!=' : '==';
    }
    return this.tokens[this.at] === 'not' && this.skip('not') && this.skip('in') ? 'not in' : '';
  }

  private atom(): Held {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token === undefined) {
      throw new Error('it ends');
    }
    if (token === '(' || token === '[') {
      return this.list(token === '(' ? ')' : ']');
    }
    if (token === '-') {
      const held = this.atom();
      return typeof held === 'number' ? -held : undefined;
    }
    if (/^['"]/.test(token)) {
      return token.slice(1, -1).replace(/\\(.)/g, '$1');
    }
    if (/^[\d.]/.test(token)) {
      return Number(token);
    }
    if (!/^\w/.test(token)) {
      throw new Error('no value');
    }
    const constants: Record<string, Scalar> = { True: true, False: false, None: null };
    return Object.hasOwn(constants, token) ? constants[token] : this.known(token);
  }

  /** What is in brackets: a list, or one value in round ones. */
  private list(end: string): Held {
    const held: Held[] = [];
    let listed = end === ']';
    while (!this.skip(end)) {
      held.push(this.either());
      if (this.skip(',')) {
        listed = true;
      } else if (this.tokens[this.at] !== end) {
        throw new Error('no end');
      }
    }
    return listed ? (held as (Scalar | undefined)[]) : held[0];
  }

  private skip(token: string): boolean {
    const here = this.tokens[this.at] === token;
    this.at += here ? 1 : 0;
    return here;
  }
}

function truth(held: Held): Verdict {
  if (held === undefined) {
    return null;
  }
  return Array.isArray(held) ? held.length > 0 : Boolean(held);
}

function negated(verdict: Verdict): Verdict {
  return verdict === null ? null : !verdict;
}

function disjunction(one: Verdict, other: Verdict): Verdict {
  return one === true || other === true ? true : one === null || other === null ? null : false;
}

function compared(left: Held, sign: string, right: Held): Verdict {
  if (left === undefined || right === undefined) {
    return null;
  }
  if (sign === 'in' || sign === 'not in') {
    if (!Array.isArray(right) || right.includes(undefined)) {
      return null;
    }
    const inside = right.some(each => equal(left as Scalar, each as Scalar));
    return sign === 'in' ? inside : !inside;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return null;
  }
  if (sign === '==' || sign === '!=') {
    return equal(left as Scalar, right as Scalar) === (sign === '==');
  }
  if (typeof left !== 'number' || typeof right !== 'number') {
    return null;
  }
  const { '<': below, '>': above } = { '<': left < right, '>': left > right };
  return (sign[0] === '<' ? below : above) || (sign.length === 2 && left === right);
}

/** Python's ==, by which True is 1. */
function equal(a: Scalar, b: Scalar): boolean {
  const plain = (x: Scalar): Scalar => (typeof x === 'boolean' ? Number(x) : x);
  return plain(a) === plain(b);
}
