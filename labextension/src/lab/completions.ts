import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import {
  ICompletionProviderManager,
  type CompletionHandler,
  type ICompletionContext,
  type ICompletionProvider
} from '@jupyterlab/completer';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { MAGIC } from './cell';
import type { Analyst } from './editor/analyst';
import { IEditorSettings } from './tokens';

const RANK = 1100; // above the kernel and the words of the document, at 500

/** Completion of what a `%%tune` cell may say, without waiting for the kernel. */
export const completions: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-hpo:completions',
  description: 'Completes types, options, optimizers, pruners and studies in %%tune cells.',
  autoStart: true,
  requires: [ICompletionProviderManager, IEditorSettings],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    manager: ICompletionProviderManager,
    settings: IEditorSettings,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_hpo');
    manager.registerProvider(new TuneCompletions(settings, trans));
  }
};

class TuneCompletions implements ICompletionProvider {
  readonly identifier = 'jupyter-hpo:completions';
  readonly rank = RANK;
  readonly renderer = null;

  constructor(
    private readonly settings: IEditorSettings,
    private readonly trans: TranslationBundle
  ) {}

  async isApplicable(context: ICompletionContext): Promise<boolean> {
    return this.settings.wanted.completion && !!(await analystIn(context))?.now();
  }

  async fetch(
    _: CompletionHandler.IRequest,
    context: ICompletionContext
  ): Promise<CompletionHandler.ICompletionItemsReply> {
    const analyst = await analystIn(context);
    const cell = analyst?.now();
    const { editor } = context;
    if (!analyst || !cell || !editor) {
      return { start: 0, end: 0, items: [] };
    }
    const at = editor.getOffsetAt(editor.getCursorPosition());
    const { completionsAt } = await import('./help');
    const found = completionsAt(cell, at, analyst.others, this.trans);
    // positions of the completer count characters, those of editors UTF-16
    const characters = (position: number): number => [...cell.source.text.slice(0, position)].length;
    return {
      start: characters(found?.from ?? at),
      end: characters(found?.to ?? at),
      items: (found?.items ?? []).map(({ label, insert, kind, doc }) => ({
        label,
        insertText: insert ?? label,
        type: kind,
        documentation: doc
      }))
    };
  }
}

async function analystIn({ editor }: ICompletionContext): Promise<Analyst | undefined> {
  const view = (editor as Partial<CodeMirrorEditor> | null | undefined)?.editor;
  if (!view || !MAGIC.test(editor!.model.sharedModel.getSource())) {
    return undefined;
  }
  const { analystOf } = await import('./help');
  return analystOf(view);
}
