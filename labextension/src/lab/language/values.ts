/** Values of literals, as Python has them: a search range is read without a kernel. */

export type Value =
  | { type: 'int'; n: number }
  | { type: 'float'; n: number }
  | { type: 'str'; s: string }
  | { type: 'bool'; b: boolean }
  | { type: 'none' }
  | { type: 'sequence'; kind: 'list' | 'tuple'; items: Value[] };

export const NONE: Value = { type: 'none' };

/** A whole number; undefined beyond what a float names exactly. */
export function int(n: number): Value | undefined {
  return Number.isSafeInteger(n) ? { type: 'int', n } : undefined;
}

export function float(n: number): Value {
  return { type: 'float', n };
}

/** The number of a value that float() would take; truth values are none here. */
export function numeric(value: Value): number | undefined {
  return value.type === 'int' || value.type === 'float' ? value.n : undefined;
}

/** Python's `repr` of a float. */
export function reprFloat(x: number): string {
  if (!Number.isFinite(x)) {
    return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  }
  const [mantissa, exponent] = x.toExponential().split('e') as [string, string];
  const place = Number(exponent);
  if (x !== 0 && (place < -4 || place >= 16)) {
    return `${mantissa}e${padded(place)}`;
  }
  const digits = mantissa.replace(/[-.]/g, '');
  const text =
    place < 0
      ? `0.${'0'.repeat(-place - 1)}${digits}`
      : digits.length > place + 1
        ? `${digits.slice(0, place + 1)}.${digits.slice(place + 1)}`
        : `${digits.padEnd(place + 1, '0')}.0`;
  return x < 0 || Object.is(x, -0) ? `-${text}` : text;
}

/** Python's `f"{x:.{digits}g}"`. */
export function general(x: number, digits = 6): string {
  if (!Number.isFinite(x)) {
    return reprFloat(x);
  }
  const [mantissa, exponent] = x.toExponential(digits - 1).split('e') as [string, string];
  const place = Number(exponent);
  const short = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (place < -4 || place >= digits) {
    return `${short(mantissa)}e${padded(place)}`;
  }
  return short(x.toFixed(Math.max(digits - 1 - place, 0)));
}

function padded(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Python's `repr` of a text. */
export function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const escaped = [...text].map(letter => {
    if (letter === quote || letter in named) {
      return named[letter] ?? `\\${letter}`;
    }
    const code = letter.codePointAt(0) ?? 0;
    return code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, '0')}` : letter;
  });
  return quote + escaped.join('') + quote;
}

/** Python's `repr`. */
export function repr(value: Value): string {
  switch (value.type) {
    case 'int':
      return String(value.n);
    case 'float':
      return reprFloat(value.n);
    case 'str':
      return reprText(value.s);
    case 'bool':
      return value.b ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'sequence': {
      const items = value.items.map(repr);
      if (value.kind === 'list') {
        return `[${items.join(', ')}]`;
      }
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
    }
  }
}

/** `repr` in at most 60 characters. */
export function short(value: Value): string {
  const text = repr(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** Python's `==`. */
export function equal(a: Value, b: Value): boolean {
  const plain = (value: Value): unknown =>
    value.type === 'bool' ? Number(value.b) : numeric(value);
  const [x, y] = [plain(a), plain(b)];
  if (x !== undefined || y !== undefined) {
    return x === y;
  }
  if (a.type === 'sequence' && b.type === 'sequence') {
    const others = b.items;
    return (
      a.kind === b.kind &&
      a.items.length === others.length &&
      a.items.every((item, i) => equal(item, others[i]!))
    );
  }
  return a.type === b.type && repr(a) === repr(b);
}

/** The same type and equal. */
export function same(a: Value, b: Value): boolean {
  return a.type === b.type && equal(a, b);
}
