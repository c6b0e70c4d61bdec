import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';
import { analysing, analystOf } from './editor/analyst';
import { decorated } from './editor/badges';
import { hovered } from './editor/hover';
import { linted } from './editor/lint';
import { EDITOR, EditorSettings } from './editor/settings';
import { theme } from './editor/theme';
import { offering } from './editor/tunable';
import { IEditorSettings } from './tokens';
import type { Elsewhere } from './language/reader';

/**
 * Help in `%%tune` cells: declarations highlighted with a badge, errors before the cell is run,
 * and what things mean under the pointer.
 */
export const editorSupport: JupyterFrontEndPlugin<IEditorSettings> = {
  id: EDITOR,
  description: 'Highlights, checks and explains the hyperparameters that a cell declares.',
  autoStart: true,
  provides: IEditorSettings,
  requires: [IEditorExtensionRegistry],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    extensions: IEditorExtensionRegistry,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): EditorSettings => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    const settings = new EditorSettings();
    settings.follow(registry).catch(error => console.error('jupyter-hpo: no settings', error));
    extensions.addExtension({
      name: EDITOR,
      factory: ({ model }) => {
        const cell = codeCell(model);
        const extension = cell && support(cell, settings, trans);
        return extension && { instance: () => extension, reconfigure: () => null };
      }
    });
    return settings;
  }
};

function codeCell(model: CodeEditor.IModel): ISharedCell | null {
  const shared = model.sharedModel as Partial<ISharedCell>;
  return shared.cell_type === 'code' ? (shared as ISharedCell) : null;
}

function support(cell: ISharedCell, settings: EditorSettings, trans: TranslationBundle): Extension {
  const followsSettings = ViewPlugin.define((view: EditorView) => {
    const tell = (): void => analystOf(view)?.tell();
    settings.changed.connect(tell);
    return { destroy: () => void settings.changed.disconnect(tell) };
  });
  return [
    analysing(others(cell)),
    followsSettings,
    decorated(settings, trans),
    linted(settings, trans),
    hovered(settings, trans),
    offering(settings, trans),
    theme
  ];
}

/** The other cells of the notebook that a cell stands in. */
function others(cell: ISharedCell): Elsewhere {
  return {
    sources: () => (cell.notebook?.cells ?? []).flatMap(each => (each === cell ? [] : each.getSource()))
  };
}
