/** Writes the best values of a study into its cell, or into a new one. */
import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Parser } from '@lezer/common';
import type { Saved } from '../../view.js';
import { MAGIC } from '../cell';
import { othersOf } from '../editor/others';
import { checked } from '../language/check';
import { parse } from '../language/python';
import { studiesIn } from '../outputs';
import { cellOf, written, type Best } from './best';

const SHOWN = 6000; // ms that a message stands

/** `parser`: of Python; null if the application has none. */
export function intoDeclarations(
  panel: NotebookPanel,
  saved: Saved,
  best: Best,
  trans: TranslationBundle,
  parser: Parser | null
): void {
  const cell = cellOfStudy(panel, saved);
  if (!cell || !parser) {
    const message = trans.__('No cell of this notebook declares these hyperparameters.');
    Notification.warning(message, { autoClose: SHOWN });
    return;
  }
  const { sharedModel } = cell.model;
  // read anew: a cell that has not been scrolled to has no editor
  const known = checked(parse(sharedModel.getSource(), parser), parser, othersOf(sharedModel));
  const { changes, missing } = written(known, saved, best);
  // the shared model, not the editor: one step of undo, also when others edit along
  sharedModel.transact(() => {
    for (const { from, to, insert } of [...changes].sort((a, b) => b.from - a.from)) {
      sharedModel.updateSource(from, to, insert);
    }
  });
  const { info } = saved;
  const of = trans.__('%1: trial %2 of study "%3".', value(saved, best), best.trial.n, info.name);
  const what = changes.length
    ? trans.__('The declarations have the best values.')
    : trans.__('The declarations have the best values already.');
  const gone = missing.length ? trans.__('Not declared any more: %1.', missing.join(', ')) : '';
  Notification.success([what, of, gone].filter(Boolean).join(' '), { autoClose: SHOWN });
}

function value({ info }: Saved, { trial }: Best): string {
  return `${info.metric} = ${Number((trial.v as number).toPrecision(4))}`;
}

/** The cell that a study is of: the active one if it declares something, else the one showing it. */
function cellOfStudy(panel: NotebookPanel, saved: Saved): Cell | undefined {
  const shows = (cell: Cell): boolean =>
    [...studiesIn(cell.model)].some(([each]) => each.info.uid === saved.info.uid);
  const { activeCell, widgets } = panel.content;
  const tuned = (cell: Cell): boolean => MAGIC.test(cell.model.sharedModel.getSource());
  return activeCell && tuned(activeCell) ? activeCell : widgets.find(cell => tuned(cell) && shows(cell));
}

export function intoCell(panel: NotebookPanel, _: Saved, best: Best): void {
  const { content } = panel;
  const at = content.activeCellIndex + 1;
  content.model?.sharedModel.insertCell(at, { cell_type: 'code', source: cellOf(best) });
  content.activeCellIndex = at;
  content.deselectAll();
}
