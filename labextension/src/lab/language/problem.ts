/** What is wrong in a cell, in the kernel's words, and what mends it. */

export interface Change {
  from: number;
  to: number;
  insert: string;
}

export interface Fix {
  kind: 'default' | 'log' | 'write' | 'option';
  /** what is written, to be shown on a button */
  shows: string;
  changes: Change[];
}

export interface Problem {
  from: number;
  to: number;
  /** of the cell, the `%%tune` line being 1 */
  line: number;
  message: string;
  severity: 'error' | 'warning';
  fixes: Fix[];
  /** Python cannot read the text: not to be told of a line that is being written */
  syntax?: true;
  /** a line more at the end may mend it: not to be told while the last one is being written */
  below?: true;
}
