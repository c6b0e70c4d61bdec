import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useView } from '../context';
import { unended } from '../data/tell';
import { useAnchor } from './anchor';
import type { Columns } from './layout';
import { useFocus } from './focus';
import { useHands } from './hands';
import { Head } from './head';
import type { TableModel } from './model';
import { Row } from './row';
import { HEAD_HEIGHT, ROW_HEIGHT } from './sizes';
import { useWindow } from './window';

const READABLE = 220; // px for a column of sentences
// px beyond the usual width, for "completed" and a best value in bold
const WISHES = [['state', 22], ['value', 10]] as const;
const MARGIN = 14; // px left for a scroll bar

interface Props {
  model: TableModel;
  columns: Columns;
  /** px, of the whole box */
  height: number;
}

/** The trials, of which only those in sight are in the page. */
export function Grid({ model, columns, height }: Props): JSX.Element {
  const { study, ui, asker } = useView();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = model.rows.value;
  const pinned = model.pinned.value;
  const { specs, headers } = columns;
  const best = study.glance.value.best?.n;
  const left = unended(study.info.value, asker.lost);
  const focus = useFocus(scroller, rows, specs);
  const window = useWindow(scroller, rows.length, height, [pinned ? 0 : -1, focus.row]);
  useAnchor(scroller, model, window.jump);
  const hands = useHands(model, ui, columns, focus, rows, Math.floor(height / ROW_HEIGHT) - 2);
  const widths = headers.map(header => header.getSize());
  roomier(widths, columns, model.widths.value, ui.width.value);
  const last = specs.at(-1);
  if (last?.kind === 'text' && sum(widths) > ui.width.value && !(last.id in model.widths.value)) {
    widths[widths.length - 1] = READABLE; // the grid scrolls sideways anyway
  }
  return (
    <div
      ref={scroller}
      class="jhpo-grid"
      role="grid"
      aria-label="Trials"
      aria-rowcount={rows.length + 1}
      aria-colcount={specs.length}
      aria-multiselectable="true"
      style={{
        height: `${height}px`,
        '--jhpo-columns': tracks(widths, last?.kind === 'text'),
        '--jhpo-total': `${sum(widths)}px`,
        scrollPadding: `${HEAD_HEIGHT + (pinned ? ROW_HEIGHT : 0)}px 0 0 ${widths[0] ?? 0}px`
      }}
      onFocusIn={focus.onFocus}
      {...hands}
    >
      <Head
        model={model}
        columns={columns}
        scroller={scroller}
        focused={focus.row < 0 ? focus.column : -1}
      />
      <div
        role="rowgroup"
        class="jhpo-grid-body"
        style={{ height: `${rows.length * ROW_HEIGHT}px` }}
      >
        {window.rows.map(index => {
          const trial = rows[index]!;
          return (
            <Row
              key={trial.n}
              trial={trial}
              index={index}
              specs={specs}
              best={trial.n === best}
              unended={left}
              pinned={pinned && index === 0}
              focused={index === focus.row ? focus.column : -1}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Give columns the room that their longest texts need, where there is room. */
function roomier(
  widths: number[],
  { specs }: Columns,
  chosen: Readonly<Record<string, number>>,
  width: number
): void {
  for (const [id, wish] of WISHES) {
    const place = specs.findIndex(spec => spec.id === id);
    if (place >= 0 && !(id in chosen)) {
      widths[place]! += Math.min(Math.max(width - MARGIN - sum(widths), 0), wish);
    }
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((a, b) => a + b, 0);
}

/** Widths of the columns for the style sheet; a last one of text takes what is left. */
function tracks(widths: readonly number[], stretch: boolean): string {
  return widths
    .map((width, i) =>
      stretch && i === widths.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`
    )
    .join(' ');
}
