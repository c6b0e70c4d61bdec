import type { ComponentChildren, JSX } from 'preact';
import { useView } from '../context';
import { whole } from '../format';
import type { Trial } from '../data/study';
import type { Spec } from './spec';
import { moveBy, widen, type Columns, type TableColumn } from './layout';
import type { TableModel } from './model';
import { Popover } from './popover';
import { RangeFilter } from './range';

const STEP = 24; // px

interface Props {
  model: TableModel;
  columns: Columns;
}

/** What stands open: the menu of a column, or the list of all. */
export function Menus({ model, columns }: Props): JSX.Element | null {
  const open = model.menu.value;
  if (!open) {
    return null;
  }
  const close = (): void => {
    // a menu that has been opened meanwhile is another one
    if (model.menu.peek() === open) {
      model.menu.value = null;
    }
  };
  const column = columns.all.find(({ id }) => id === open.column);
  const spec = column && model.spec(column.id);
  if (open.column !== null && !spec) {
    return null;
  }
  const label = spec ? `column ${spec.title}` : 'columns';
  return (
    <Popover key={label} label={label} near={open.near} onClose={close}>
      {column && spec ? (
        <ColumnMenu model={model} columns={columns} column={column} spec={spec} close={close} />
      ) : (
        <ColumnList model={model} columns={columns} />
      )}
    </Popover>
  );
}

interface ColumnProps extends Props {
  column: TableColumn;
  spec: Spec;
  close: () => void;
}

function ColumnMenu({ model, columns, column, spec, close }: ColumnProps): JSX.Element {
  const { study } = useView();
  const sorted = column.getIsSorted();
  const place = columns.specs.indexOf(spec);
  const then = (act: () => void) => (): void => {
    close();
    act();
  };
  return (
    <>
      <div class="jhpo-t-choices">
        <Item
          pressed={sorted === 'asc'}
          onClick={then(() => column.toggleSorting(false))}
          mark="▲"
        >
          sort ascending
        </Item>
        <Item
          pressed={sorted === 'desc'}
          onClick={then(() => column.toggleSorting(true))}
          mark="▼"
        >
          sort descending
        </Item>
      </div>
      {spec.kind === 'number' && (
        <RangeFilter spec={spec} model={model} trials={study.trials.value} />
      )}
      {spec.kind === 'choice' && (
        <ChoiceFilter spec={spec} model={model} trials={study.trials.value} />
      )}
      <div class="jhpo-t-choices">
        {spec.id !== 'trial' && (
          <>
            <Item
              disabled={place <= 1}
              onClick={() => moveBy(model, columns, spec.id, -1)}
              mark="←"
            >
              move left
            </Item>
            <Item
              disabled={place >= columns.specs.length - 1}
              onClick={() => moveBy(model, columns, spec.id, 1)}
              mark="→"
            >
              move right
            </Item>
          </>
        )}
        <Item onClick={() => widen(model, column, STEP)} mark="+">
          wider
        </Item>
        <Item onClick={() => widen(model, column, -STEP)} mark="−">
          narrower
        </Item>
        {column.getCanHide() && (
          <Item onClick={then(() => column.toggleVisibility(false))} mark="✕">
            hide
          </Item>
        )}
        <Item onClick={then(() => resetColumn(model, column))} mark="↺">
          reset
        </Item>
      </div>
    </>
  );
}

/** Its filter, its width and its part in the order of trials. */
function resetColumn(model: TableModel, column: TableColumn): void {
  model.clearFilter(column.id);
  column.resetSize();
  column.clearSorting();
}

interface ItemProps {
  mark: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

function Item({ mark, pressed, disabled = false, onClick, children }: ItemProps): JSX.Element {
  return (
    <button class="jhpo-t-item" disabled={disabled} aria-pressed={pressed} onClick={onClick}>
      <span aria-hidden="true">{mark}</span>
      {children}
    </button>
  );
}

interface ChoiceProps {
  spec: Spec;
  model: TableModel;
  trials: readonly Trial[];
}

/** Which choices pass, and how many trials there are of each. */
function ChoiceFilter({ spec, model, trials }: ChoiceProps): JSX.Element {
  const chosen = model.chosen(spec);
  const times = new Map<string, number>();
  trials.forEach(trial => {
    const key = spec.choice(trial);
    times.set(key, (times.get(key) ?? 0) + 1);
  });
  const take = (key: string): void => {
    const keys = new Set(chosen);
    model.choose(spec, keys.delete(key) ? keys : keys.add(key));
  };
  return (
    <fieldset class="jhpo-t-range">
      <legend>show {spec.title}</legend>
      <div class="jhpo-t-boxes">
        {spec.choices.map(({ key, label }) => (
          <label key={key}>
            <input type="checkbox" checked={chosen.has(key)} onChange={() => take(key)} />
            <span class="jhpo-t-label">{label}</span>
            <span class="jhpo-dim">{whole(times.get(key) ?? 0)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ColumnList({ model, columns }: Props): JSX.Element {
  return (
    <>
      <fieldset class="jhpo-t-range">
        <legend>show columns</legend>
        <div class="jhpo-t-boxes">
          {columns.all
            .filter(column => column.getCanHide())
            .map(column => (
              <label key={column.id}>
                <input
                  type="checkbox"
                  checked={column.getIsVisible()}
                  onChange={() => column.toggleVisibility()}
                />
                <span class="jhpo-t-label">{model.spec(column.id)?.title}</span>
              </label>
            ))}
        </div>
      </fieldset>
      <div class="jhpo-t-choices">
        <Item onClick={() => (model.visible.value = {})} mark="✓">
          show all
        </Item>
        <Item onClick={() => model.resetColumns()} mark="↺">
          reset order, widths
        </Item>
      </div>
    </>
  );
}
