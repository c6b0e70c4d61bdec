/** What the thing under the pointer means. */
import type { Extension } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import { helpAt, type Help } from '../language/help';
import { analystOf } from './analyst';
import type { EditorSettings } from './settings';

export function hovered(settings: EditorSettings, trans: TranslationBundle): Extension {
  return hoverTooltip((view, at) => {
    const cell = settings.wanted.hover ? analystOf(view)?.now() : null;
    const help = cell && helpAt(cell, at, trans);
    if (!help) {
      return null;
    }
    const { from, to } = help;
    return { pos: from, end: to, above: true, create: () => ({ dom: rendered(help) }) };
  });
}

/** Help as an element; what stands between backticks is code. */
export function rendered({ title, text, rows }: Pick<Help, 'title' | 'text' | 'rows'>): HTMLElement {
  const node = document.createElement('div');
  node.className = 'jp-HpoHelp';
  const head = document.createElement('code');
  head.className = 'jp-HpoHelp-title';
  head.textContent = title;
  node.append(head);
  if (text) {
    const said = document.createElement('p');
    said.append(...coded(text));
    node.append(said);
  }
  if (rows.length) {
    const list = document.createElement('dl');
    for (const [name, meaning] of rows) {
      const [term, description] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      description.append(...coded(meaning));
      list.append(term, description);
    }
    node.append(list);
  }
  return node;
}

/** A text whose parts between backticks are code. */
export function coded(text: string): Node[] {
  return text.split('`').map((part, i) => {
    const node = document.createElement(i % 2 ? 'code' : 'span');
    node.textContent = part;
    return node;
  });
}
