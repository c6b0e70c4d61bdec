/** The panel's content: studies by notebook, or what to do if there are none. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon, refreshIcon } from '@jupyterlab/ui-components';
import { render, type JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sifted, split, type Folder, type Group, type Listed } from '../studies/brief';
import { studiesIcon } from './icon';
import { Item, type Acts } from './item';
import { useRows } from './rows';
import { sentence } from './words';

const MANY = 12; // studies from which on they can be sifted

interface ListProps {
  groups: readonly Group[];
  /** by folder, why its studies cannot be listed */
  problems: ReadonlyMap<string, string>;
  /** folders with more studies than are listed */
  cut: readonly Folder[];
  /** whether all that is there is known */
  ready: boolean;
  /** by uid, why a study did not do what it was asked to */
  refusals: ReadonlyMap<string, string>;
  acts: Acts & { refresh(): void; older(folder: Folder): void; tune: (() => void) | null };
  trans: TranslationBundle;
}

/** Draw it into a place; what is given back clears that. */
export function drawn(place: HTMLElement, props: ListProps): () => void {
  render(<List {...props} />, place);
  return () => render(null, place);
}

function List(props: ListProps): JSX.Element {
  const { groups, problems, cut, ready, acts, trans } = props;
  const root = useRef<HTMLDivElement>(null);
  const [wanted, want] = useState('');
  const found = wanted.trim() ? sifted(groups, wanted) : groups;
  const rows = useRows(root, uid => {
    const study = all(groups).find(each => each.uid === uid);
    if (study && !study.broken) {
      acts.open(study);
    }
  });
  return (
    <div class="jp-HpoStudies-all">
      <div class="jp-HpoStudies-header">
        <h2>{trans.__('Studies')}</h2>
        <button
          type="button"
          class="jp-HpoStudy-button"
          aria-label={trans.__('Refresh')}
          title={trans.__('Read the stored studies anew')}
          onClick={acts.refresh}
        >
          <Svg of={refreshIcon.svgstr} />
        </button>
      </div>
      {(wanted || groups.reduce((count, { studies }) => count + studies.length, 0) > MANY) && (
        <input
          class="jp-HpoStudies-sift"
          type="search"
          placeholder={trans.__('Filter studies')}
          aria-label={trans.__('Filter studies by name or notebook')}
          autocomplete="off"
          spellcheck={false}
          value={wanted}
          onInput={event => want(event.currentTarget.value)}
          onKeyDown={event => event.key === 'Escape' && want('')}
        />
      )}
      <div class="jp-HpoStudies-list" ref={root} {...rows}>
        {[...problems].map(([folder, why]) => (
          <p key={folder} class="jp-HpoStudies-problem" role="alert">
            {why}
          </p>
        ))}
        {found.map(group => (
          <Notebook key={group.path} group={group} {...props} />
        ))}
        {wanted && found.length === 0 && (
          <p class="jp-HpoStudies-cut" role="status">
            {trans.__('No study, and no notebook with studies, is called so.')}
          </p>
        )}
        {cut.map(folder => (
          <Cut key={folder.path} folder={folder} {...props} />
        ))}
        {groups.length === 0 && problems.size === 0 && ready && <Empty {...props} />}
      </div>
      <Spoken groups={groups} trans={trans} />
    </div>
  );
}

function all(groups: readonly Group[]): Listed[] {
  return groups.flatMap(group => group.studies.flatMap(each => [each.latest, ...each.earlier]));
}

function Svg({ of }: { of: string }): JSX.Element {
  return <span class="jp-HpoStudy-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: of }} />;
}

function Notebook({ group, ...props }: ListProps & { group: Group }): JSX.Element {
  const [open, setOpen] = useState(true);
  const { trans } = props;
  const [folder, name] = split(group.path);
  return (
    <section class="jp-HpoGroup" aria-label={group.path || trans.__('No notebook')}>
      <button
        type="button"
        class="jp-HpoGroup-head"
        data-row=""
        aria-expanded={open}
        title={group.path}
        tabIndex={-1}
        onClick={() => setOpen(!open)}
      >
        <Svg of={(open ? caretDownIcon : caretRightIcon).svgstr} />
        <span class="jp-HpoGroup-name">{name || trans.__('No notebook')}</span>
        {folder && <span class="jp-HpoGroup-folder">{folder}</span>}
      </button>
      {open && (
        <ul>
          {group.studies.map(({ latest, earlier }) => (
            <Runs key={latest.name} latest={latest} earlier={earlier} {...props} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The latest run of a study, and those before it where they are asked for. */
function Runs(props: ListProps & { latest: Listed; earlier: Listed[] }): JSX.Element {
  const { latest, earlier, acts, trans, refusals } = props;
  const [open, setOpen] = useState(false);
  const item = (study: Listed): JSX.Element => (
    <Item
      key={study.uid}
      study={study}
      acts={acts}
      trans={trans}
      problem={refusals.get(study.uid) ?? ''}
    />
  );
  const count = earlier.length;
  return (
    <>
      {item(latest)}
      {count > 0 && (
        <li>
          <button
            type="button"
            class="jp-HpoGroup-more"
            data-row=""
            aria-expanded={open}
            tabIndex={-1}
            onClick={() => setOpen(!open)}
          >
            <Svg of={(open ? caretDownIcon : caretRightIcon).svgstr} />
            {trans._n('%1 earlier run of %2', '%1 earlier runs of %2', count, latest.name)}
          </button>
        </li>
      )}
      {open && earlier.map(item)}
    </>
  );
}

/** That a folder has more studies than are listed. */
function Cut({ folder, acts, trans }: ListProps & { folder: Folder }): JSX.Element {
  const { path, studies } = folder;
  return (
    <div class="jp-HpoStudies-cut">
      <p>
        {path
          ? trans.__('The newest %1 studies stored in %2 are listed; there are older ones.', studies.length, path)
          : trans.__('The newest %1 stored studies are listed; there are older ones.', studies.length)}
      </p>
      <button
        type="button"
        class="jp-Button jp-mod-styled jp-mod-minimal"
        data-row=""
        tabIndex={-1}
        onClick={() => acts.older(folder)}
      >
        {trans.__('Show older')}
      </button>
    </div>
  );
}

function Empty({ acts, trans }: ListProps): JSX.Element {
  return (
    <div class="jp-HpoStudies-empty">
      <Svg of={studiesIcon.svgstr} />
      <p>{trans.__('No studies here yet.')}</p>
      <p>{trans.__('Write %1 above a cell, and declare what is to be tuned:', '%%tune')}</p>
      <pre>{'%%tune --minimize loss\nlr: Float(0.0, 1.0) = 0.1\n…'}</pre>
      {acts.tune && (
        <button type="button" class="jp-Button jp-mod-styled jp-mod-accept" onClick={acts.tune}>
          {trans.__('Tune this cell')}
        </button>
      )}
      <p class="jp-HpoStudies-hint">
        {trans.__('Here are the studies of running kernels, and those stored beside open notebooks and in the folder of the file browser.')}
      </p>
    </div>
  );
}

/** What has changed of a study's state, for who does not see it. */
function Spoken({ groups, trans }: Pick<ListProps, 'groups' | 'trans'>): JSX.Element {
  const known = useRef<Map<string, string> | null>(null);
  const [said, say] = useState('');
  useLayoutEffect(() => {
    const before = known.current;
    const now = all(groups);
    known.current = new Map(now.map(each => [each.uid, each.state]));
    const news = now.filter(each => before?.has(each.uid) && before.get(each.uid) !== each.state);
    if (news.length > 0) {
      say(news.map(each => sentence(each, trans)).join('; '));
    }
  }, [groups]);
  return (
    <span class="jp-HpoStudies-spoken" role="status">
      {said}
    </span>
  );
}
