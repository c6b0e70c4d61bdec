/** Help in a `%%tune` cell, as an extension of its editor. */
import type { Extension } from '@codemirror/state';
import { ViewPlugin, type EditorView } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Elsewhere } from '../language/reader';
import { analysing, analystOf } from './analyst';
import { decorated } from './badges';
import { hovered } from './hover';
import { linted } from './lint';
import type { EditorSettings } from './settings';
import { theme } from './theme';
import { offering } from './tunable';

export function support(
  others: Elsewhere,
  settings: EditorSettings,
  trans: TranslationBundle
): Extension {
  const followsSettings = ViewPlugin.define((view: EditorView) => {
    const tell = (): void => analystOf(view)?.tell();
    settings.changed.connect(tell);
    return { destroy: () => void settings.changed.disconnect(tell) };
  });
  return [
    analysing(others),
    followsSettings,
    decorated(settings, trans),
    linted(settings, trans),
    hovered(settings, trans),
    offering(others, settings, trans),
    theme
  ];
}
