import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ISharedCell } from '@jupyter/ydoc';
import { othersOf } from './editor/others';
import { EDITOR, EditorSettings } from './editor/settings';
import { waiting } from './editor/waiting';
import { IEditorSettings } from './tokens';

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
        const extension =
          cell &&
          waiting(async () => (await import('./help')).support(othersOf(cell), settings, trans));
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
