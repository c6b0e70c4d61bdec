/** Keeps what is known of a cell, while it is edited. */
import { language } from '@codemirror/language';
import { StateEffect, type ChangeDesc, type EditorState, type Extension, type Text } from '@codemirror/state';
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view';
import type { ChangedRange, Parser } from '@lezer/common';
import { isTuned } from './tuned';
import { checked, type Checked } from '../language/check';
import { parse, type Source } from '../language/python';
import type { Elsewhere } from '../language/reader';

/** A cell has been analysed; null: it does not begin with `%%tune`. */
export const analysed = StateEffect.define<Checked | null>();

const PAUSE = 150; // ms without a key after which a cell is analysed

/** The parser of the cell's language, if that is Python. */
export function parserOf(state: EditorState): Parser | null {
  const found = state.facet(language);
  return found?.name === 'python' ? found.parser : null;
}

const analysts = new WeakMap<EditorView, Analyst>();

/** The analyst of an editor; undefined in one that is no code cell. */
export function analystOf(view: EditorView): Analyst | undefined {
  return analysts.get(view);
}

export class Analyst {
  private known: { doc: Text; parser: Parser; cell: Checked } | null = null;
  private source: Source | undefined;
  private changes: ChangeDesc | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasTuned = false;

  constructor(
    private readonly view: EditorView,
    readonly others: Elsewhere
  ) {
    analysts.set(view, this);
    this.soon(0);
  }

  /** What is known of the cell as it is now; null if it is not tuned. */
  now(): Checked | null {
    const { state } = this.view;
    const parser = parserOf(state);
    if (!parser || !isTuned(state)) {
      return null;
    }
    if (this.known?.doc !== state.doc || this.known.parser !== parser) {
      const former = this.known?.parser === parser ? this.source : undefined;
      const changes = former && this.changes ? ranges(this.changes) : undefined;
      const source = parse(state.doc.toString(), parser, former, changes);
      this.known = { doc: state.doc, parser, cell: checked(source, parser, this.others) };
      this.source = source;
      this.changes = null;
    }
    return this.known.cell;
  }

  update(update: ViewUpdate): void {
    if (update.docChanged) {
      this.changes = this.changes ? this.changes.composeDesc(update.changes) : update.changes;
    }
    const other = parserOf(update.startState) !== parserOf(update.state);
    if (update.docChanged || other) {
      this.soon(PAUSE);
    }
  }

  /** Analyse the cell and tell what is drawn of it. */
  tell(): void {
    const cell = this.now();
    if (cell || this.wasTuned) {
      this.wasTuned = cell !== null;
      this.view.dispatch({ effects: analysed.of(cell) });
    }
  }

  destroy(): void {
    clearTimeout(this.timer);
  }

  private soon(pause: number): void {
    clearTimeout(this.timer);
    if (isTuned(this.view.state) || this.wasTuned) {
      this.timer = setTimeout(() => this.tell(), pause);
    }
  }
}

function ranges(changes: ChangeDesc): ChangedRange[] {
  const found: ChangedRange[] = [];
  changes.iterChangedRanges((fromA, toA, fromB, toB) => found.push({ fromA, toA, fromB, toB }));
  return found;
}

/** An analyst for an editor; `others` are the other cells of its notebook. */
export function analysing(others: Elsewhere): Extension {
  return ViewPlugin.define(view => new Analyst(view, others));
}
