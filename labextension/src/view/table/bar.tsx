import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useView } from '../context';
import { count, whole } from '../format';
import { CopyButton } from '../parts/copy';
import type { Columns } from './layout';
import { tsv } from './copy';
import type { TableModel } from './model';

interface Props {
  model: TableModel;
  columns: Columns;
}

/** Above the grid: what is searched, which columns there are, copy. */
export function Bar({ model, columns }: Props): JSX.Element {
  const { ui } = useView();
  const wasOpen = useRef(false);
  const open = model.menu.value?.column === null;
  const hidden = columns.all.length - columns.specs.length;
  const some = ui.selected.value.size > 0;
  return (
    <div class="jhpo-table-bar">
      <input
        class="jhpo-input jhpo-t-search"
        type="search"
        placeholder="filter trials"
        aria-label="filter trials by text"
        autocomplete="off"
        spellcheck={false}
        value={model.text.value}
        onInput={event => (model.text.value = event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') {
            model.text.value = '';
          }
        }}
      />
      <button
        class="jhpo-button"
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerDown={() => (wasOpen.current = open)}
        onClick={event => {
          model.menu.value = wasOpen.current ? null : { column: null, near: event.currentTarget };
          wasOpen.current = false;
        }}
      >
        Columns{hidden > 0 && <span class="jhpo-dim"> {hidden} hidden</span>}
      </button>
      <CopyButton
        label="Copy"
        title={`copy ${some ? 'the selected rows' : 'all rows shown'} as a table (Ctrl+C)`}
        text={() => tsv(model.toCopy(), columns.specs)}
      />
    </div>
  );
}

/** Below the grid, a line of constant height: what of the study is shown, and how. */
export function Foot({ model }: { model: TableModel }): JSX.Element {
  const { study, ui } = useView();
  const all = study.trials.value.length;
  const shown = model.shown.value.length;
  const selected = ui.selected.value.size;
  const filtered = ui.passing.value !== null;
  return (
    <div class="jhpo-table-foot">
      <span class="jhpo-t-part">
        {filtered ? (
          <>
            <span role="status">
              showing {whole(shown)} of {count(all, 'trial')}
            </span>{' '}
            ·{' '}
            <button class="jhpo-link" onClick={() => model.clearFilters()}>
              clear filters
            </button>
          </>
        ) : (
          <Order model={model} />
        )}
      </span>
      {selected > 0 && (
        <span class="jhpo-t-part">
          {whole(selected)} selected ·{' '}
          <button class="jhpo-link" onClick={() => (ui.selected.value = new Set())}>
            clear
          </button>
        </span>
      )}
      <span role="status" class="jhpo-t-part jhpo-t-said">
        {model.said.value}
      </span>
    </div>
  );
}

function Order({ model }: { model: TableModel }): JSX.Element | null {
  const { study } = useView();
  const seen = study.glance.value;
  const by = model.sorting.value.flatMap(({ id, desc }) => {
    const spec = model.spec(id);
    return spec ? [`${spec.title} ${desc ? 'descending' : 'ascending'}`] : [];
  });
  if (by.length > 0) {
    return (
      <>
        by {by.join(', then ')} ·{' '}
        <button class="jhpo-link" onClick={() => (model.sorting.value = [])}>
          usual order
        </button>
      </>
    );
  }
  if (seen.trials.length < 2) {
    return null;
  }
  return <>{model.live.value ? 'the best trial, then the latest' : 'best first'}</>;
}
