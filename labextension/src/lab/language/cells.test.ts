import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import mistakes from '../../../../tests/unit/cells/mistakes.cells?raw';
import table from '../../../../tests/unit/cells/editor.json?raw';
import { checked, type Checked } from './check';
import { evaluate } from './literals';
import { parse } from './python';
import { declaration } from './suggest';

/** The cells that the kernel's parser is tested by, and those that are only for both. */
interface Shared {
  /** mistakes that only the kernel can see, each with the reason */
  silent: Record<string, string>;
  cells: { name: string; cell: string; errors: [number, string][]; hints: [number, string][] }[];
  lines: [string, string][];
  declarations: [name: string, value: string, written: string | null][];
}
const { silent, cells, lines, declarations } = JSON.parse(table) as Shared;
const MAGIC = '%%tune --minimize loss';
const alone = { sources: () => [] };

function check(text: string): Checked {
  return checked(parse(text, parser), parser, alone);
}

function errors(text: string): [number, string][] {
  const found = check(text).problems.filter(each => each.severity === 'error');
  return found.map(each => [each.line, each.message]);
}

function applied(text: string, changes: { from: number; to: number; insert: string }[]): string {
  return [...changes]
    .sort((a, b) => b.from - a.from)
    .reduce((all, { from, to, insert }) => all.slice(0, from) + insert + all.slice(to), text);
}

const MISTAKES = mistakes
  .split(/^===== /m)
  .slice(1)
  .map(section => {
    const [head, shown] = section.split('\n-----\n') as [string, string];
    const [name, ...text] = head.split('\n');
    const message = shown.split('\n')[0]!;
    const line = /^line (\d+): /.exec(message);
    return {
      name: name!,
      cell: `${MAGIC}\n${text.join('\n')}`,
      expected: [Number(line?.[1] ?? 1), message.slice(line?.[0].length ?? 0)] as [number, string]
    };
  });

describe('a mistake that the kernel refuses', () => {
  it.each(MISTAKES)('$name', ({ name, cell, expected }) => {
    const found = errors(cell);
    expect(found).toEqual(name in silent ? [] : [expected]);
  });

  it('is one of the table', () => {
    expect(MISTAKES.length).toBeGreaterThan(70);
    expect(Object.keys(silent).filter(name => !MISTAKES.some(each => each.name === name))).toEqual([]);
  });

  it.each(MISTAKES)('is mended by what is offered: $name', ({ cell }) => {
    for (const problem of check(cell).problems) {
      for (const fix of problem.fixes) {
        const mended = errors(applied(cell, fix.changes)).map(([, message]) => message);
        expect(mended).not.toContain(problem.message);
      }
    }
  });
});

describe('a cell that the kernel takes', () => {
  const golden = import.meta.glob('../../../../tests/unit/cells/*.txt', {
    query: '?raw',
    import: 'default',
    eager: true
  });

  it.each(Object.entries(golden))('%s', (path, text) => {
    const metric = path.includes('last_expression') ? '_' : 'loss';
    const cell = `%%tune --minimize ${metric}\n${text.split(`\n${'-'.repeat(40)}\n`)[0]}`;
    expect(errors(cell)).toEqual([]);
  });
});

describe('a cell of the table', () => {
  it.each(cells)('$name', ({ cell, errors, hints }) => {
    const { problems } = check(cell);
    const told = (severity: string): [number, string][] =>
      problems.filter(each => each.severity === severity).map(each => [each.line, each.message]);
    expect(told('error')).toEqual(errors);
    expect(told('warning')).toEqual(hints);
  });

  it('is judged while it is written, without a word from the judge', () => {
    for (const { cell } of cells) {
      for (let end = 6; end <= cell.length; end += 11) {
        check(cell.slice(0, end));
        check(cell.slice(0, end - 3) + cell.slice(end));
      }
    }
  });

  it.each(declarations)('a range for %s = %s', (name, value, written) => {
    const source = parse(`x = ${value}`, parser);
    const node = source.tree.topNode.firstChild!.lastChild;
    expect(declaration(name, evaluate(source, node)!) ?? null).toBe(written);
  });

  it.each(lines)('line %j', (line, message) => {
    const cell = `%%tune ${line}\nlr: Float(0, 1) = 0.5\nloss = lr\n`;
    expect(errors(cell)[0]).toEqual([1, message]);
  });
});
