import { parser } from '@lezer/python';
import { describe, expect, it } from 'vitest';
import { checked } from './check';
import { parse, type Source } from './python';
import { beingWritten, syntaxProblem } from './syntax';

const HEAD = '%%tune --minimize loss\n';

function cell(body: string): Source {
  return parse(HEAD + body, parser);
}

function told(body: string): string | undefined {
  return syntaxProblem(cell(body), parser)?.message;
}

/** Whether a problem is told while the cursor stands at the `|`. */
function toldAt(body: string): boolean {
  const at = (HEAD + body).indexOf('|');
  const source = cell(body.replace('|', ''));
  const problem = syntaxProblem(source, parser);
  expect(problem).not.toBeNull();
  return !beingWritten(source, parser, problem!, at);
}

describe('what only IPython understands', () => {
  it.each([
    '!ls (',
    '!echo "it',
    '%time f(x) (',
    '%time f(x',
    'files = !ls [',
    'x, y = %sql select (',
    '!ls \\\n  "(',
    '?f(',
    'f?',
    'a.b[0]??',
    'if x:\n    !echo (\n',
    '%%bash\necho (',
    '/f (',
    ',f (',
    ';f "',
    '>>> x = (1\n... )',
    'In [1]: x'
  ])('%j is not refused', body => {
    expect(told(body)).toBeUndefined();
  });

  it('does not hide what is below', () => {
    expect(told('%time f(x\nloss = f(x')).toBe("'(' was never closed (SyntaxError)");
  });
});

describe('what versions of Python see differently', () => {
  it.each(['f"{d["a"]}"', "f'{x + '('}'", 'f"{x\n}"', "f'{d['a'", "rf'\\N{(}'"])('%j is not judged', body => {
    expect(told(body)).toBeUndefined();
  });

  it.each([
    ["loss = f'{x}", "unterminated f-string literal (detected at line 2) (SyntaxError)"],
    ["loss = g(f'{x:{y}} {{', (", "'(' was never closed (SyntaxError)"]
  ])('%j is', (body, message) => {
    expect(told(body)).toBe(message);
  });
});

describe('a cell as IPython takes it', () => {
  it.each(['    x = 1\n    y = 2\n', '\n\n  x = 1\n', '\tx = 1\n', 'if x:\n\ty = 1\n        z = 2\n'])(
    '%j may have a margin',
    body => expect(told(body)).toBeUndefined()
  );
});

describe('a quote that is open on the %%tune line', () => {
  it('is told once that line is left', () => {
    const source = parse("%%tune -o 'bayes(\nlr: Float(0, 1) = 0.5\nloss = lr\n", parser);
    const [problem] = checked(source, parser, { sources: () => [] }).problems;
    expect(problem?.message).toMatch(/^cannot read the %%tune line/);
    expect([17, 20].map(at => beingWritten(source, parser, problem!, at))).toEqual([true, false]);
    expect(problem?.syntax).toBe(true);
  });
});

describe('while a line is written', () => {
  it.each([
    'loss = f(|\nprint(1)\n',
    'loss = f("|\n',
    'x = [\n    f(a, b|,\n]\n',
    'x = """|\nloss = 1\n"""it\'s"""\n',
    'for epoch in range(3)|\n    loss = 1\n',
    'for epoch in range(3):\n    |\n',
    'for epoch in range(3):\n|\nloss = 1\n',
    'for epoch in range(3):|\nloss = 1\n',
    'x = 1\n|\n    loss = 1\n',
    'if x:\n    loss = f(x)\nels|\n    loss = 1\n'
  ])('%j says nothing', body => {
    expect(toldAt(body)).toBe(false);
  });

  it.each([
    'loss = f(\nprint(1)\nx = 1|\n',
    'x = |1\nloss = "f\n',
    'x = 1|\nfor i in range(n)\n',
    'loss = f(x))\n\nfor epoch in range(3):|\n    pass\n',
    'for epoch in range(3)\n    loss = 1\n    x = (1|)\n'
  ])('%j says what is wrong elsewhere', body => {
    expect(toldAt(body)).toBe(true);
  });
});
