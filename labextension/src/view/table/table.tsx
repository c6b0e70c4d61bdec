import type { JSX } from 'preact';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { useView } from '../context';
import { isUnfinished } from '../data/study';
import { Bar, Foot } from './bar';
import { useColumns } from './layout';
import { Grid } from './grid';
import { Grip } from './grip';
import { Menus } from './menu';
import { TableModel } from './model';
import { HEAD_HEIGHT, ROW_HEIGHT } from './sizes';

const ROWS = 9; // in sight, unless the study has fewer or the user wants it otherwise
const SCROLLBAR = 12; // px, where scroll bars take room

/** All trials. */
export function Table(): JSX.Element {
  const { study, ui } = useView();
  const model = useMemo(() => new TableModel(study, ui), [study, ui]);
  useLayoutEffect(() => model.start(), [model]);
  const columns = useColumns(model);
  const { aim, state } = study.info.value;
  const living = isUnfinished(state);
  const expected = aim ?? (living ? ROWS : 0);
  const rows = Math.min(Math.max(living ? expected : 0, study.trials.value.length, 1), ROWS);
  const total = columns.headers.reduce((sum, header) => sum + header.getSize(), 0);
  const bar = total > ui.width.value - SCROLLBAR ? SCROLLBAR : 0;
  const usual = HEAD_HEIGHT + rows * ROW_HEIGHT + bar + 2;
  const height = model.height.value || usual;
  return (
    <section class="jhpo-trials" aria-label="trials">
      <Bar model={model} columns={columns} />
      <div class="jhpo-t-frame">
        <Grid model={model} columns={columns} height={height} />
        {study.trials.value.length === 0 && <p class="jhpo-t-none">no trial has started</p>}
        {study.trials.value.length > 0 && model.shown.value.length === 0 && (
          <p class="jhpo-t-none">no trial passes the filters</p>
        )}
      </div>
      <Grip model={model} height={height} />
      <Foot model={model} />
      <Menus model={model} columns={columns} />
    </section>
  );
}
