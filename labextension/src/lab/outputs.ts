/** Studies in the outputs of a notebook. */
import type { Cell, ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Saved } from '../view.js';

export const MIME = 'application/vnd.jupyter-hpo.study+json';

/** The studies that a cell shows, each with its place in the list of outputs. */
export function* studiesIn(model: ICellModel): Generator<[Saved, IOutputAreaModel, number]> {
  const outputs = model.type === 'code' ? (model as ICodeCellModel).outputs : null;
  for (let at = 0; outputs && at < outputs.length; at += 1) {
    const saved = outputs.get(at).data[MIME] as unknown as Saved | undefined;
    if (saved) {
      yield [saved, outputs, at];
    }
  }
}

/** The study that a command means by a cell: what it shows, else the one that is called so. */
export function studyOf(panel: NotebookPanel, cell: Cell | null): Saved | null {
  const own = cell && [...studiesIn(cell.model)].at(-1);
  if (own) {
    return own[0];
  }
  const all = panel.content.widgets.flatMap(each => [...studiesIn(each.model)].map(([saved]) => saved));
  const source = cell?.model.sharedModel.getSource() ?? '';
  const name = /^%%tune(?:[ \t]+([^\s-]\w*))?/.exec(source);
  const called = name ? all.filter(saved => saved.info.name === (name[1] ?? 'study')) : all;
  return called.at(-1) ?? null;
}

/**
 * Make the cell under the context menu the active one; JupyterLab itself does
 * not when the click was into another cell's editor.
 */
export function activateClicked(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker
): NotebookPanel | null {
  const node = app.contextMenuHitTest(node => node.classList.contains('jp-Cell'));
  const panel = notebooks.find(panel => panel.content.node.contains(node ?? null)) ?? null;
  if (panel) {
    panel.content.activeCellIndex = panel.content.widgets.findIndex(cell => cell.node === node);
  }
  return panel;
}
