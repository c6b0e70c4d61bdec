/** Which editors have something for our help: looked at with every key, in every cell. */
import type { EditorState } from '@codemirror/state';
import { MAGIC } from '../cell';

const LONGEST = 60; // letters of a selection that is worth a look

export function isTuned(state: EditorState): boolean {
  return MAGIC.test(state.sliceDoc(0, 8));
}

/** Whether what is selected looks like a number, a text or a truth value. */
export function mayBeLiteral(state: EditorState): boolean {
  const { from, to, empty } = state.selection.main;
  if (empty || to - from > LONGEST || state.selection.ranges.length > 1) {
    return false;
  }
  const quoted = /^(['"])[^'"]+\1$/.test(state.sliceDoc(Math.max(from - 1, 0), to + 1)); // a double click takes what is inside
  return quoted || /^(-?[\d.][\w.+-]*|(['"]).*\2|True|False)$/.test(state.sliceDoc(from, to));
}
