/** Expressions of literals, evaluated; whatever needs the kernel is undefined. */
import type { SyntaxNode } from '@lezer/common';
import { children, SIGNS, slice, type Source } from './python';
import { float, int, NONE, numeric, type Value } from './values';

export function evaluate(source: Source, node: SyntaxNode | null): Value | undefined {
  switch (node?.name) {
    case 'Number':
      return number(slice(source, node));
    case 'String':
      return text(slice(source, node));
    case 'ContinuedString':
      return joined(children(node).map(part => evaluate(source, part)));
    case 'Boolean':
      return { type: 'bool', b: slice(source, node) === 'True' };
    case 'None':
      return NONE;
    case 'UnaryExpression':
      return unary(slice(source, node.firstChild!), evaluate(source, node.lastChild));
    case 'BinaryExpression':
      return binary(source, node);
    case 'ParenthesizedExpression':
      return evaluate(source, items(node)[0] ?? null);
    case 'TupleExpression':
    case 'ArrayExpression':
      return sequence(source, node);
    case 'CallExpression':
      return infinite(slice(source, node));
    default:
      return undefined;
  }
}

/** What stands between brackets. */
export function items(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter(child => !SIGNS.has(child.name));
}

function number(written: string): Value | undefined {
  const plain = written.replace(/_/g, '');
  if (/^0[xob]/i.test(plain) || /^\d+$/.test(plain)) {
    return int(Number(plain));
  }
  return /j$/i.test(plain) ? undefined : float(Number(plain));
}

const PLAIN: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

function text(written: string): Value | undefined {
  const parts = /^([a-z]*)('''|"""|'|")(.*)\2$/is.exec(written);
  if (!parts || /[bf]/i.test(parts[1]!)) {
    return undefined;
  }
  const raw = /r/i.test(parts[1]!);
  const inner = parts[3]!;
  if (raw || !inner.includes('\\')) {
    return { type: 'str', s: inner };
  }
  if (/\\[^ntr\\'"]/.test(inner)) {
    return undefined; // an escape that is not worth knowing here
  }
  return { type: 'str', s: inner.replace(/\\(.)/g, (_, letter: string) => PLAIN[letter] ?? letter) };
}

function joined(parts: (Value | undefined)[]): Value | undefined {
  const texts = parts.map(part => (part?.type === 'str' ? part.s : undefined));
  return texts.includes(undefined) ? undefined : { type: 'str', s: texts.join('') };
}

function unary(sign: string, value: Value | undefined): Value | undefined {
  if (value && (value.type === 'int' || value.type === 'float') && (sign === '-' || sign === '+')) {
    const n = sign === '-' ? -value.n : value.n;
    return value.type === 'int' ? int(n + 0) : float(n);
  }
  return undefined;
}

function binary(source: Source, node: SyntaxNode): Value | undefined {
  const [left, sign, right] = children(node);
  const [a, b] = [evaluate(source, left ?? null), evaluate(source, right ?? null)];
  const [x, y] = [a && numeric(a), b && numeric(b)];
  if (!a || !b || !sign || x === undefined || y === undefined) {
    return undefined;
  }
  const result = arithmetic(slice(source, sign), x, y);
  if (result === undefined || !Number.isFinite(result)) {
    return undefined;
  }
  const whole = a.type === 'int' && b.type === 'int' && slice(source, sign) !== '/';
  return whole && Number.isInteger(result) ? int(result) : float(result);
}

function arithmetic(sign: string, x: number, y: number): number | undefined {
  switch (sign) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return y === 0 ? undefined : x / y;
    case '//':
      return y === 0 ? undefined : Math.floor(x / y);
    case '**':
      return x < 0 && !Number.isInteger(y) ? undefined : x ** y;
    default:
      return undefined;
  }
}

function sequence(source: Source, node: SyntaxNode): Value | undefined {
  const values: Value[] = [];
  for (const item of items(node)) {
    const value = evaluate(source, item);
    if (value === undefined) {
      return undefined; // also where a star stands before it
    }
    values.push(value);
  }
  return { type: 'sequence', kind: node.name === 'ArrayExpression' ? 'list' : 'tuple', items: values };
}

function infinite(written: string): Value | undefined {
  const found = /^float\(\s*(["'])([+-]?)(inf|infinity|nan)\1\s*\)$/i.exec(written);
  if (!found) {
    return undefined;
  }
  const size = found[3]!.toLowerCase() === 'nan' ? NaN : Infinity;
  return float(found[2] === '-' ? -size : size);
}
