/** What a terminal would show of printed text: colours away, lines overwritten where they were. */

// a command with its parameters; a title or a link; another escape sequence; a movement
const SPECIAL =
  /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\n\r\b]/g;
const UNSEEN = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]/g;
const PLAIN = /^[^\x00-\x08\x0b-\x1f\x7f]*$/;

/** The text as it stands on the screen at the end. */
export function screen(text: string): string {
  const lines = text.replace(/\r\n/g, '\n');
  if (PLAIN.test(lines)) {
    return lines;
  }
  const page = new Page();
  let at = 0;
  for (const match of lines.matchAll(SPECIAL)) {
    page.write(lines.slice(at, match.index));
    page.obey(match[0], match[2] ?? '', match[1] ?? '');
    at = match.index + match[0].length;
  }
  page.write(lines.slice(at));
  return page.text;
}

/** Lines, and the place where the next character goes. */
class Page {
  private readonly lines = [''];
  private row = 0;
  private column = 0;

  get text(): string {
    return this.lines.join('\n');
  }

  write(text: string): void {
    const seen = text.replace(UNSEEN, '');
    if (seen === '') {
      return;
    }
    const line = this.lines[this.row]!.padEnd(this.column);
    const end = this.column + seen.length;
    this.lines[this.row] = line.slice(0, this.column) + seen + line.slice(end);
    this.column = end;
  }

  obey(sequence: string, command: string, parameters: string): void {
    const count = Math.min(Math.max(Number.parseInt(parameters, 10) || 1, 1), 10_000);
    if (sequence === '\n') {
      this.down(1);
      this.column = 0;
    } else if (sequence === '\r') {
      this.column = 0;
    } else if (sequence === '\b' || command === 'D') {
      this.column = Math.max(this.column - (sequence === '\b' ? 1 : count), 0);
    } else if (command === 'A') {
      this.row = Math.max(this.row - count, 0);
    } else if (command === 'B') {
      this.down(count);
    } else if (command === 'C') {
      this.column += count;
    } else if (command === 'G') {
      this.column = count - 1;
    } else if (command === 'K') {
      this.erase(parameters);
    }
  }

  private down(count: number): void {
    this.row += count;
    while (this.lines.length <= this.row) {
      this.lines.push('');
    }
  }

  private erase(parameters: string): void {
    const line = this.lines[this.row]!;
    const before = parameters === '1' || parameters === '2' ? '' : line.slice(0, this.column);
    const after = parameters === '1' ? line.slice(this.column).padStart(line.length) : '';
    this.lines[this.row] = before + after;
  }
}
