/** Declarations highlighted, each with its range, scale and default drawn at the line's end. */
import { RangeSetBuilder, StateField, type EditorState, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, WidgetType, type DecorationSet } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Checked } from '../language/check';
import { badgeOf, type Badge } from '../language/badge';
import { analysed } from './analyst';
import type { EditorSettings } from './settings';

const WIDTH = 44; // px of the track
const HEIGHT = 10;
const INSET = 4; // of its ends from the edge
const SVG = 'http://www.w3.org/2000/svg';

class BadgeWidget extends WidgetType {
  constructor(
    private readonly badge: Badge,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  eq(other: BadgeWidget): boolean {
    return JSON.stringify(this.badge) === JSON.stringify(other.badge);
  }

  toDOM(): HTMLElement {
    const { badge } = this;
    const node = document.createElement('span');
    node.className = 'jp-HpoBadge';
    node.setAttribute('role', 'img');
    node.setAttribute('aria-label', this.words());
    node.append(drawn(badge));
    const text = document.createElement('span');
    text.textContent = badge.text;
    node.append(text);
    for (const word of badge.words) {
      const tag = document.createElement('span');
      tag.className = 'jp-HpoBadge-word';
      tag.textContent = word;
      node.append(tag);
    }
    return node;
  }

  ignoreEvent(): boolean {
    return false; // a click beside the code puts the cursor there
  }

  private words(): string {
    const { name, text, words, initial } = this.badge;
    const all = [text, ...words].join(', ');
    return this.trans.__('%1: searched in %2, default %3', name, all, initial);
  }
}

/** The range as a line, or its choices as dots, with the default marked. */
function drawn(badge: Badge): SVGElement {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('width', String(WIDTH));
  picture.setAttribute('height', String(HEIGHT));
  picture.setAttribute('aria-hidden', 'true');
  const room = WIDTH - 2 * INSET;
  const add = (name: string, attributes: Record<string, number | string>): void => {
    const shape = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => shape.setAttribute(key, String(value)));
    picture.append(shape);
  };
  const y = HEIGHT / 2;
  if (badge.dots) {
    const gap = Math.min(room / Math.max(badge.dots - 1, 1), 9);
    picture.setAttribute('width', String(2 * INSET + gap * (badge.dots - 1)));
    for (let i = 0; i < badge.dots; i += 1) {
      const set = i === badge.at;
      add('circle', { cx: INSET + i * gap, cy: y, r: set ? 3 : 2, class: set ? 'jp-mod-set' : '' });
    }
    return picture;
  }
  add('line', { x1: INSET, x2: WIDTH - INSET, y1: y, y2: y });
  for (const tick of badge.ticks) {
    add('line', { x1: INSET + tick * room, x2: INSET + tick * room, y1: y - 2, y2: y + 2 });
  }
  if (badge.at !== null) {
    add('circle', { cx: INSET + badge.at * room, cy: y, r: 3, class: 'jp-mod-set' });
  }
  return picture;
}

const NAME = Decoration.mark({ class: 'jp-HpoName' });
const LINE = Decoration.line({ class: 'jp-HpoLine' });
const MARKS = {
  magic: Decoration.mark({ class: 'jp-HpoMagic' }),
  study: Decoration.mark({ class: 'jp-HpoStudyName' }),
  flag: Decoration.mark({ class: 'jp-HpoFlag' }),
  value: Decoration.mark({ class: 'jp-HpoValue' })
};

/** Declarations and the `%%tune` line, highlighted. */
function highlights(state: EditorState, cell: Checked): DecorationSet {
  const found: Range<Decoration>[] = [MARKS.magic.range(0, '%%tune'.length)];
  const { line, declared } = cell;
  if (line.name) {
    found.push(MARKS.study.range(line.name.from, line.name.to));
  }
  for (const { flag, value } of line.given) {
    found.push(MARKS.flag.range(flag.from, flag.to));
    if (value && value.to > value.from) {
      found.push(MARKS.value.range(value.from, value.to));
    }
  }
  for (const { target, node } of declared) {
    found.push(LINE.range(state.doc.lineAt(node.from).from));
    found.push(NAME.range(target.from, target.to));
  }
  return Decoration.set(found, true);
}

function badges(state: EditorState, cell: Checked, trans: TranslationBundle): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const declaration of cell.declared) {
    const badge = badgeOf(cell.source, declaration);
    if (badge) {
      const end = state.doc.lineAt(declaration.node.to).to;
      const widget = new BadgeWidget(badge, trans);
      builder.add(end, end, Decoration.widget({ widget, side: 1 }));
    }
  }
  return builder.finish();
}

/** Both, as far as they are wanted. */
export function decorated(settings: EditorSettings, trans: TranslationBundle): Extension {
  const field = StateField.define<readonly [DecorationSet, DecorationSet]>({
    create: () => [Decoration.none, Decoration.none],
    update(shown, transaction) {
      for (const effect of transaction.effects) {
        if (effect.is(analysed)) {
          const { highlight, badges: drawn } = settings.wanted;
          const cell = effect.value;
          return [
            cell && highlight ? highlights(transaction.state, cell) : Decoration.none,
            cell && drawn ? badges(transaction.state, cell, trans) : Decoration.none
          ];
        }
      }
      const { changes, docChanged } = transaction;
      return docChanged ? [shown[0].map(changes), shown[1].map(changes)] : shown;
    },
    provide: field => [
      EditorView.decorations.from(field, shown => shown[0]),
      EditorView.decorations.from(field, shown => shown[1])
    ]
  });
  return field;
}
